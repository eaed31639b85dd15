// SPDX-License-Identifier: GPL-3.0-or-later
//
// What each vendor refuses: strict validators of request bodies, written from the vendors' API
// references and their error messages.  validate() throws with every complaint and the body; an
// unknown member is one.

import assert from 'node:assert/strict';

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isText = (value) => typeof value === 'string';
const isNumber = (value) => typeof value === 'number';
const isFlag = (value) => typeof value === 'boolean';
const isList = (value) => Array.isArray(value) && value.length > 0;
const isCount = (value) => Number.isInteger(value) && value > 0;
const oneOf = (...words) => (value) => words.includes(value);
const matching = (pattern) => (value) => isText(value) && pattern.test(value);
const any = () => true;
const isShort = matching(/^.{1,64}$/);

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const isBase64 = (value) => isText(value) && value.length > 0 && BASE64.test(value);
const isPicture = oneOf('image/jpeg', 'image/png', 'image/gif', 'image/webp');

function isJsonObject(text) {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

class Complaints extends Array {
  check(truth, text) {
    if (!truth)
      this.push(text);
    return truth;
  }

  // @value has the members of @shape and no other; a name with `!` must be there.
  shape(value, shape, where) {
    if (!this.check(isObject(value), `${where} is no object`))
      return;
    const known = Object.keys(shape).map((name) => name.replace('!', ''));
    for (const name of Object.keys(value))
      this.check(known.includes(name), `${where}.${name} is unknown`);
    for (const [name, isGood] of Object.entries(shape)) {
      const member = value[name.replace('!', '')];
      if (member === undefined)
        this.check(!name.endsWith('!'), `${where}.${name} is missing`);
      else
        this.check(isGood(member), `${where}.${name} is ${JSON.stringify(member)?.slice(0, 80)}`);
    }
  }

  // Of the variants by member `type`.
  variant(value, variants, where) {
    const shape = variants[value?.type];
    if (this.check(shape !== undefined, `${where}.type is ${value?.type}`))
      this.shape(value, { 'type!': isText, ...shape }, where);
  }

  schema(schema, where, isStrict) {
    if (!isObject(schema))
      return;
    if (isStrict && schema.type === 'object') {
      this.check(schema.additionalProperties === false, `${where} is strict but open`);
      this.check(Object.keys(schema.properties ?? {}).every((name) =>
        schema.required?.includes(name)), `${where} is strict but has optional members`);
    }
    for (const [name, part] of Object.entries(schema.properties ?? {}))
      this.schema(part, `${where}.${name}`, isStrict);
    this.schema(schema.items, `${where}[]`, isStrict);
  }
}

const listOf = (value) => (Array.isArray(value) ? value : []);

// --- OpenAI Chat -------------------------------------------------------------------------

const openaiName = matching(/^[a-zA-Z0-9_-]{1,64}$/);
const effort = oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh');
const pictureUrl = (value) => isText(value)
  && (/^https?:\/\//.test(value) || (/^data:image\/(png|jpeg|gif|webp);base64,/.test(value)
                                     && isBase64(value.slice(value.indexOf(',') + 1))));

const chatTop = {
  'model!': isText, 'messages!': isList, stream: isFlag, stream_options: isObject,
  max_tokens: isCount, max_completion_tokens: isCount, temperature: isNumber, top_p: isNumber,
  stop: any, tools: isList, tool_choice: any, parallel_tool_calls: isFlag,
  response_format: isObject, reasoning_effort: effort, seed: isNumber, user: isShort,
  metadata: isObject, store: isFlag, verbosity: oneOf('low', 'medium', 'high'),
  prompt_cache_key: isText, safety_identifier: isShort, service_tier: isText, n: isCount,
};
const chatParts = {
  text: { 'text!': isText },
  image_url: { 'image_url!': (value) => pictureUrl(value?.url)
    && [undefined, 'auto', 'low', 'high'].includes(value.detail) },
  file: { 'file!': isObject },
};
const chatMessages = {
  system: { 'content!': any }, developer: { 'content!': any }, user: { 'content!': any },
  // reasoning_content: what compatible servers read of a model's own thoughts
  assistant: { content: any, tool_calls: isList, refusal: any, reasoning_content: isText },
  tool: { 'content!': any, 'tool_call_id!': isText },
};

function chatContent(found, role, content, where) {
  if (isText(content))
    return;
  if (content === null && role === 'assistant')
    return;
  found.check(isList(content), `${where} is an empty content`);
  for (const [index, part] of listOf(content).entries()) {
    found.variant(part, role === 'user' ? chatParts : { text: chatParts.text },
                  `${where}[${index}]`);
  }
}

function chatCallsOf(found, message, where) {
  for (const [index, call] of listOf(message.tool_calls).entries()) {
    const at = `${where}.tool_calls[${index}]`;
    found.shape(call, { 'id!': matching(/^.{1,40}$/), 'type!': oneOf('function'),
                        'function!': isObject }, at);
    found.shape(call.function, { 'name!': openaiName, 'arguments!': isJsonObject }, at);
  }
  return listOf(message.tool_calls).map((call) => call.id);
}

function chatMessageList(found, messages) {
  let open = [];
  for (const [index, message] of messages.entries()) {
    const where = `messages[${index}]`;
    const shape = chatMessages[message.role];
    if (!found.check(shape !== undefined, `${where}.role is ${message.role}`))
      continue;
    found.shape(message, { 'role!': isText, name: isText, ...shape }, where);
    if (message.content !== undefined)
      chatContent(found, message.role, message.content, `${where}.content`);
    if (message.role === 'tool') {
      found.check(open.includes(message.tool_call_id), `${where} answers no open call`);
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    found.check(open.length === 0, `calls ${open} are not answered before ${where}`);
    open = chatCallsOf(found, message, where);
    found.check(new Set(open).size === open.length, `${where} has equal call ids`);
    found.check(message.role !== 'assistant' || open.length > 0
                || (message.content ?? '') !== '' || message.refusal, `${where} says nothing`);
  }
  found.check(open.length === 0, `calls ${open} are not answered`);
}

// OpenAI's models that think; those from 5.1 on can do without, and then they sample.
function thinker(found, body, asked) {
  if (!/^(o\d|gpt-5)(?!.*-chat)/.test(body.model))
    return;
  found.check(body.max_tokens === undefined, 'max_tokens is not supported with this model');
  const canRest = /^gpt-5\.\d/.test(body.model) && !/codex|pro/.test(body.model);
  const samples = canRest && (asked === undefined || asked === 'none');
  for (const name of ['temperature', 'top_p'])
    found.check(samples || body[name] === undefined, `${name} is not supported with this model`);
}

function chat(found, body) {
  found.shape(body, chatTop, 'body');
  thinker(found, body, body.reasoning_effort);
  found.check(body.max_tokens === undefined || body.max_completion_tokens === undefined,
              'two limits of tokens');
  found.check(body.stream_options === undefined || body.stream === true,
              'stream_options without stream');
  if (body.stream_options !== undefined)
    found.shape(body.stream_options, { include_usage: isFlag }, 'stream_options');
  chatMessageList(found, listOf(body.messages));
  for (const [index, tool] of listOf(body.tools).entries()) {
    const where = `tools[${index}]`;
    found.shape(tool, { 'type!': oneOf('function'), 'function!': isObject }, where);
    found.shape(tool.function, { 'name!': openaiName, description: isText, parameters: isObject,
                                 strict: any }, where);
    found.schema(tool.function?.parameters, where, tool.function?.strict === true);
  }
  if (body.tools === undefined) {
    found.check(body.tool_choice === undefined, 'tool_choice without tools');
    found.check(body.parallel_tool_calls === undefined, 'parallel_tool_calls without tools');
  }
  const format = body.response_format;
  if (format !== undefined) {
    found.variant(format, { text: {}, json_object: {}, json_schema: { 'json_schema!': isObject } },
                  'response_format');
    if (format.type === 'json_schema')
      openaiFormat(found, format.json_schema, {});
  }
}

function openaiFormat(found, format, more) {
  found.shape(format, { 'name!': openaiName, 'schema!': isObject, description: isText,
                        strict: any, ...more }, 'json_schema');
  found.schema(format.schema, 'schema', format.strict === true);
}

// --- OpenAI Responses --------------------------------------------------------------------

const itemId = (prefix) => matching(new RegExp(`^${prefix}[a-zA-Z0-9_-]{1,62}$`));
const callId = matching(/^.{1,64}$/);
const status = oneOf('in_progress', 'completed', 'incomplete');
const responsesTop = {
  'model!': isText, 'input!': (value) => isText(value) || isList(value), stream: isFlag,
  instructions: isText, max_output_tokens: (value) => isCount(value) && value >= 16,
  temperature: isNumber, top_p: isNumber, tools: isList, tool_choice: any,
  parallel_tool_calls: isFlag, text: isObject, reasoning: isObject, include: isList,
  store: isFlag, metadata: isObject, user: isShort, truncation: oneOf('auto', 'disabled'),
  service_tier: isText, prompt_cache_key: isText, safety_identifier: isShort,
};
const inputParts = {
  input_text: { 'text!': isText },
  input_image: { 'image_url!': pictureUrl, detail: oneOf('auto', 'low', 'high') },
  input_file: { file_data: isText, file_url: isText, file_id: isText, filename: isText },
};
const outputParts = {
  output_text: { 'text!': isText, annotations: any, logprobs: any },
  refusal: { 'refusal!': isText },
};
const responsesItems = {
  message: { 'role!': oneOf('user', 'assistant', 'system', 'developer'), 'content!': any,
             id: itemId('msg'), status, phase: isText },
  function_call: { 'call_id!': callId, 'name!': openaiName, 'arguments!': isJsonObject,
                   id: itemId('fc'), status, namespace: isText },
  function_call_output: { 'call_id!': callId, 'output!': any, id: itemId('fc'), status },
  reasoning: { 'summary!': Array.isArray, id: itemId('rs'), encrypted_content: isText,
               content: any, status },
};

const responsesTools = {
  function: { 'name!': openaiName, 'parameters!': any, description: isText, strict: any },
  web_search: { search_context_size: isText, user_location: isObject, filters: isObject,
                external_web_access: isFlag },
};

function responsesContent(found, item, where) {
  if (isText(item.content))
    return;
  found.check(isList(item.content), `${where} has an empty content`);
  for (const part of listOf(item.content))
    found.variant(part, item.role === 'assistant' ? outputParts : inputParts, where);
}

function responsesInput(found, input) {
  const open = new Set();
  for (const [index, item] of input.entries()) {
    const where = `input[${index}]`;
    found.variant({ type: 'message', ...item }, responsesItems, where);
    if ((item.type ?? 'message') === 'message')
      responsesContent(found, item, where);
    // what is not stored is not found by its id
    found.check(item.type !== 'reasoning' || isText(item.encrypted_content),
                `${where} has no encrypted_content`);
    if (item.type === 'function_call') {
      found.check(!open.has(item.call_id), `${where} has the call id of another`);
      open.add(item.call_id);
    }
    if (item.type === 'function_call_output') {
      found.check(open.delete(item.call_id), `${where} answers no open call`);
      found.check(isText(item.output) || isList(item.output), `${where}.output is empty`);
      for (const part of listOf(item.output))
        found.variant(part, inputParts, where);
    }
  }
  found.check(open.size === 0, `no output for calls ${[...open]}`);
}

function responses(found, body) {
  found.shape(body, responsesTop, 'body');
  thinker(found, body, body.reasoning?.effort);
  responsesInput(found, listOf(body.input));
  for (const [index, tool] of listOf(body.tools).entries()) {
    found.variant(tool, responsesTools, `tools[${index}]`);
    found.schema(tool.parameters, `tools[${index}]`, tool.strict === true);
  }
  if (body.reasoning !== undefined)
    found.shape(body.reasoning, { effort, summary: oneOf('auto', 'concise', 'detailed') },
                'reasoning');
  found.check(listOf(body.include).every(oneOf('reasoning.encrypted_content')), 'include');
  if (body.text !== undefined) {
    found.shape(body.text, { format: isObject, verbosity: isText }, 'text');
    if (body.text.format?.type === 'json_schema')
      openaiFormat(found, body.text.format, { 'type!': isText });
  }
}

// --- Anthropic Messages ------------------------------------------------------------------

const anthropicName = matching(/^[a-zA-Z0-9_-]{1,128}$/);
const anthropicId = matching(/^[a-zA-Z0-9_-]+$/);
const hasWords = (value) => isText(value) && value.trim() !== '';
const share = (value) => isNumber(value) && value >= 0 && value <= 1;
const mark = { cache_control: isObject };
const anthropicTop = {
  'model!': isText, 'messages!': isList, 'max_tokens!': isCount, stream: isFlag, system: any,
  temperature: share, top_p: share, top_k: isCount, stop_sequences: isList, tools: isList,
  tool_choice: isObject, thinking: isObject, metadata: isObject, output_config: isObject,
  service_tier: isText,
};
// What is counted is not generated.
const anthropicCount = {
  'model!': isText, 'messages!': isList, system: any, tools: isList, tool_choice: isObject,
  thinking: isObject, output_config: isObject,
};
const anthropicSearch = {
  'type!': oneOf('web_search_20250305', 'web_search_20260209'), 'name!': oneOf('web_search'),
  max_uses: isCount, allowed_domains: isList, blocked_domains: isList, user_location: isObject,
};
const imageSource = (value) => (value?.type === 'base64'
  ? isPicture(value.media_type) && isBase64(value.data)
  : value?.type === 'url' && isText(value.url));
const anthropicParts = {
  text: { 'text!': hasWords, citations: any, ...mark },
  image: { 'source!': imageSource, ...mark },
  document: { 'source!': isObject, title: any, ...mark },
};
const anthropicBlocks = {
  user: { ...anthropicParts,
          tool_result: { 'tool_use_id!': anthropicId, content: any, is_error: isFlag, ...mark } },
  assistant: {
    text: anthropicParts.text,
    tool_use: { 'id!': anthropicId, 'name!': anthropicName, 'input!': isObject, ...mark },
    thinking: { 'thinking!': isText, 'signature!': hasWords },
    redacted_thinking: { 'data!': isText },
  },
};

const blocksOf = (message) => (isText(message.content) ? [{ type: 'text', text: message.content }]
  : listOf(message.content));

function anthropicMessages(found, messages) {
  const ids = new Set();
  let open = [];
  for (const [index, message] of messages.entries()) {
    const where = `messages[${index}]`;
    found.shape(message, { 'role!': oneOf('user', 'assistant'), 'content!': any }, where);
    found.check(message.role === (index % 2 === 0 ? 'user' : 'assistant'),
                `${where}: roles do not alternate`);
    const blocks = blocksOf(message);
    found.check(blocks.length > 0, `${where} is empty`);
    for (const [at, block] of blocks.entries()) {
      found.variant(block, anthropicBlocks[message.role] ?? {}, `${where}.content[${at}]`);
      if (block.type === 'tool_result')
        for (const part of listOf(block.content))
          found.variant(part, anthropicParts, `${where}.content[${at}]`);
    }
    const results = blocks.filter((block) => block.type === 'tool_result');
    found.check(blocks.slice(0, results.length).every((block) => block.type === 'tool_result'),
                `${where}: tool results come first`);
    assertSame(found, open, results.map((block) => block.tool_use_id), where);
    open = blocks.filter((block) => block.type === 'tool_use').map((block) => block.id);
    for (const id of open) {
      found.check(!ids.has(id), `${where}: the call id ${id} is used twice`);
      ids.add(id);
    }
  }
  found.check(open.length === 0, `calls ${open} have no result`);
  const last = messages.at(-1);
  found.check(last?.role === 'user', 'the last message is not the user\'s');
}

function assertSame(found, calls, results, where) {
  found.check(JSON.stringify([...calls].sort()) === JSON.stringify([...results].sort()),
              `${where}: results ${results} for calls ${calls}`);
}

// While calls are being answered, a thinking model's turn begins with its thoughts.
function anthropicThinking(found, body) {
  const { thinking } = body;
  found.variant(thinking, {
    enabled: { 'budget_tokens!': (value) => isCount(value) && value >= 1024
                 && value < body.max_tokens, display: isText },
    disabled: {}, adaptive: { display: oneOf('summarized', 'omitted') },
  }, 'thinking');
  if (thinking.type === 'disabled')
    return;
  found.check(body.temperature === undefined || body.temperature === 1,
              'thinking with a temperature');
  found.check(body.top_k === undefined, 'thinking with top_k');
  found.check(!['any', 'tool'].includes(body.tool_choice?.type), 'thinking with a forced tool');
  if (thinking.type !== 'enabled')
    return;
  const messages = listOf(body.messages);
  const isResult = (message) => blocksOf(message).some((block) => block.type === 'tool_result');
  const from = messages.findLastIndex((message) => message.role === 'user' && !isResult(message));
  const first = messages[from + 1];
  found.check(first === undefined || /thinking/.test(blocksOf(first)[0]?.type),
              'a turn of calls does not begin with its thoughts');
}

function anthropic(found, body, record) {
  found.check(isText(record.headers['anthropic-version']), 'no header anthropic-version');
  const counts = /count_tokens/.test(record.url);
  found.shape(body, counts ? anthropicCount : anthropicTop, 'body');
  for (const block of listOf(body.system))
    found.variant(block, { text: anthropicParts.text }, 'system');
  found.check(body.system === undefined || hasWords(body.system) || isList(body.system),
              'system is empty');
  anthropicMessages(found, listOf(body.messages));
  if (body.thinking !== undefined)
    anthropicThinking(found, body);
  for (const [index, tool] of listOf(body.tools).entries()) {
    const where = `tools[${index}]`;
    if (/^web_search_2/.test(tool.type)) {
      found.shape(tool, { ...anthropicSearch, ...mark }, where);
      continue;
    }
    found.shape(tool, { 'name!': anthropicName, 'input_schema!': isObject, description: isText,
                        type: oneOf('custom'), strict: isFlag, ...mark }, where);
    found.check(tool.input_schema?.type === 'object', `${where}: the schema is no object`);
    for (const word of ['anyOf', 'oneOf', 'allOf'])
      found.check(tool.input_schema?.[word] === undefined, `${where}: ${word} at the top`);
  }
  if (body.tool_choice !== undefined) {
    found.check(body.tools !== undefined, 'tool_choice without tools');
    const parallel = { disable_parallel_tool_use: isFlag };
    found.variant(body.tool_choice, { auto: parallel, any: parallel, none: {},
                                      tool: { 'name!': anthropicName, ...parallel } },
                  'tool_choice');
  }
  if (body.output_config !== undefined)
    found.shape(body.output_config, { effort: oneOf('low', 'medium', 'high', 'xhigh', 'max'),
                                      format: (value) => value.type === 'json_schema'
                                        && isObject(value.schema) }, 'output_config');
  if (body.output_config?.format !== undefined)
    found.shape(body.output_config.format, { 'type!': any, 'schema!': any }, 'format');
  found.check(body.metadata === undefined || isText(body.metadata.user_id), 'metadata');
  const marks = JSON.stringify(body).split('"cache_control":').length - 1;
  found.check(marks <= 4, `${marks} cache marks`);
}

// --- Google Gemini -----------------------------------------------------------------------

const geminiName = matching(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/);
const geminiTop = { 'contents!': isList, systemInstruction: isObject, tools: isList,
                    toolConfig: isObject, safetySettings: isList, generationConfig: isObject,
                    cachedContent: isText };
const geminiConfig = {
  temperature: isNumber, topP: isNumber, topK: isNumber, maxOutputTokens: isCount,
  candidateCount: isCount, stopSequences: isList, seed: isNumber, responseMimeType: isText,
  responseSchema: isObject, responseJsonSchema: isObject, responseModalities: isList,
  presencePenalty: isNumber, frequencyPenalty: isNumber, thinkingConfig: isObject,
  mediaResolution: isText,
};
const geminiData = { text: isText, inlineData: isObject, fileData: isObject,
                     functionCall: isObject, functionResponse: isObject };
// The words of Google's Schema; parametersJsonSchema takes JSON Schema's.
const schemaWords = ['type', 'format', 'title', 'description', 'nullable', 'enum', 'maxItems',
                     'minItems', 'properties', 'required', 'minProperties', 'maxProperties',
                     'minLength', 'maxLength', 'pattern', 'example', 'anyOf', 'propertyOrdering',
                     'default', 'items', 'minimum', 'maximum'];

function geminiSchema(found, schema, where) {
  if (!found.check(isObject(schema), `${where} is no schema`))
    return;
  for (const name of Object.keys(schema))
    found.check(schemaWords.includes(name), `${where}: the schema's word ${name}`);
  found.check(schema.type === undefined || isText(schema.type), `${where}: several types`);
  found.check(schema.enum === undefined || schema.enum.every(isText), `${where}: enum of no text`);
  for (const [name, part] of Object.entries(schema.properties ?? {}))
    geminiSchema(found, part, `${where}.${name}`);
  if (schema.items !== undefined)
    geminiSchema(found, schema.items, `${where}[]`);
  listOf(schema.anyOf).forEach((part) => geminiSchema(found, part, `${where}.anyOf`));
}

// Google's own word for a call that its model did not make stands in for a signature.
const isSignature = (value) => value === 'skip_thought_signature_validator' || isBase64(value);

function geminiPart(found, part, role, where) {
  found.shape(part, { ...geminiData, thought: isFlag, thoughtSignature: isSignature }, where);
  const kinds = Object.keys(geminiData).filter((name) => part[name] !== undefined);
  found.check(kinds.length === 1, `${where} holds ${kinds}`);
  if (part.inlineData !== undefined)
    found.shape(part.inlineData, { 'mimeType!': isText, 'data!': isBase64 }, where);
  if (part.functionCall !== undefined) {
    found.shape(part.functionCall, { 'name!': geminiName, args: isObject, id: isText }, where);
    found.check(role === 'model', `${where}: a call of the user`);
  }
  if (part.functionResponse !== undefined) {
    found.shape(part.functionResponse, { 'name!': geminiName, 'response!': isObject, id: isText,
                                         parts: isList }, where);
    found.check(role === 'user', `${where}: a response of the model`);
  }
}

function geminiContents(found, contents, isThree) {
  let calls = [];
  const lastText = contents.findLastIndex((content) => content.role === 'user'
    && content.parts?.some((part) => part.text !== undefined));
  found.check(contents[0]?.role === 'user', 'the first content is not the user\'s');
  found.check(contents.at(-1)?.role === 'user', 'the last content is not the user\'s');
  for (const [index, content] of contents.entries()) {
    const where = `contents[${index}]`;
    found.shape(content, { 'role!': oneOf('user', 'model'), 'parts!': isList }, where);
    const parts = listOf(content.parts);
    parts.forEach((part, at) => geminiPart(found, part, content.role, `${where}.parts[${at}]`));
    found.check(index === 0 || content.role !== contents[index - 1].role,
                `${where}: roles do not alternate`);
    const names = parts.map((part) => part.functionResponse?.name).filter(isText);
    assertSame(found, calls, names, where);
    const made = parts.filter((part) => part.functionCall !== undefined);
    calls = made.map((part) => part.functionCall.name);
    if (isThree && made.length > 0 && index > lastText)
      found.check(made[0].thoughtSignature !== undefined,
                  `${where}: the first call has no thoughtSignature`);
  }
  found.check(calls.length === 0, `calls ${calls} have no response`);
}

function geminiTools(found, tools) {
  const has = (name) => tools.some((tool) => tool[name] !== undefined);
  found.check(!has('functionDeclarations') || !(has('googleSearch') || has('codeExecution')),
              'built-in tools and function calling cannot be combined');
  for (const tool of tools) {
    found.shape(tool, { functionDeclarations: isList, googleSearch: isObject,
                        codeExecution: isObject, urlContext: isObject }, 'tools');
    for (const [index, one] of listOf(tool.functionDeclarations).entries()) {
      const where = `functionDeclarations[${index}]`;
      found.shape(one, { 'name!': geminiName, description: isText, parameters: isObject,
                         parametersJsonSchema: isObject }, where);
      if (one.parameters !== undefined)
        geminiSchema(found, one.parameters, where);
    }
  }
}

function gemini(found, body, record) {
  const isThree = /models\/gemini-3/.test(record.url);
  found.shape(body, geminiTop, 'body');
  geminiContents(found, listOf(body.contents), isThree);
  geminiTools(found, listOf(body.tools));
  if (body.systemInstruction !== undefined) {
    found.shape(body.systemInstruction, { role: isText, 'parts!': isList }, 'systemInstruction');
    for (const part of listOf(body.systemInstruction.parts))
      found.shape(part, { 'text!': isText }, 'systemInstruction');
  }
  if (body.generationConfig !== undefined)
    found.shape(body.generationConfig, geminiConfig, 'generationConfig');
  const thinking = body.generationConfig?.thinkingConfig;
  if (thinking !== undefined) {
    found.shape(thinking, { includeThoughts: isFlag, thinkingBudget: Number.isInteger,
                            thinkingLevel: matching(/^(minimal|low|medium|high)$/i) },
                'thinkingConfig');
    found.check(thinking.thinkingBudget === undefined || thinking.thinkingLevel === undefined,
                'a budget and a level');
  }
  if (body.generationConfig?.responseSchema !== undefined)
    geminiSchema(found, body.generationConfig.responseSchema, 'responseSchema');
  const calling = body.toolConfig?.functionCallingConfig;
  if (calling !== undefined) {
    found.shape(calling, { 'mode!': oneOf('AUTO', 'ANY', 'NONE', 'VALIDATED'),
                           allowedFunctionNames: isList }, 'functionCallingConfig');
    found.check(calling.allowedFunctionNames === undefined || calling.mode === 'ANY',
                'allowedFunctionNames without ANY');
  }
}

// -----------------------------------------------------------------------------------------

const validators = { chat, responses, anthropic, gemini };

// Throws unless @dialect's vendor would take @record.
export function validate(dialect, record) {
  const found = new Complaints();
  const body = JSON.parse(record.body);
  found.check(/^application\/json/.test(record.headers['content-type']), 'no content-type');
  validators[dialect](found, body, record);
  assert.equal(found.length, 0, `${dialect} refuses: ${found.join('; ')}\n`
    + `${record.url} ${record.body.toString().slice(0, 6000)}`);
}
