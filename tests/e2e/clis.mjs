// SPDX-License-Identifier: GPL-3.0-or-later
//
// The four command-line clients: how each is pointed at weir, how it is asked, and which tool
// call makes it write a file (write) or, where it must be told, look at a picture (look).
// Every run has a scratch home, may not reach the network, is bounded in time and is ended, with
// all its children, by its own process group.

import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as answers from './answers.mjs';
import { CLIENT_KEY, scratchEnvironment } from './weir.mjs';

const MODULES = fileURLToPath(new URL('./node_modules/', import.meta.url));
// A proxy that is not there: whatever wants to go out is refused at once.
const NO_WAY_OUT = 'http://127.0.0.1:9';

function writeJson(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(value));
}

// Of which upstreams a client returns the signatures of thoughts: in the Chat dialect they stand
// in members that it does not know; of a Gemini answer it returns those that calls carry.
const keptBy = { chat: [], responses: ['anthropic', 'gemini'],
                 anthropic: ['responses', 'gemini'], gemini: ['responses'] };

const claude = {
  name: 'Claude Code',
  dialect: 'anthropic',
  keeps: keptBy.anthropic,
  model: 'claude-alias',
  upstreamModel: 'mock-claude-2',
  upstreamUrl: '/v1/messages?beta=true',
  answers: answers.anthropic,
  command: [`${MODULES}@anthropic-ai/claude-code/bin/claude.exe`],
  prepare: (home, url) => ({
    ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: CLIENT_KEY, IS_SANDBOX: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_MAX_RETRIES: '1',
    HTTPS_PROXY: NO_WAY_OUT, HTTP_PROXY: NO_WAY_OUT, NO_PROXY: '127.0.0.1',
  }),
  says: { 404: /issue with the selected model/ },
  args: (prompt, { picture } = {}) =>
    ['-p', '--model', 'claude-alias', '--permission-mode', 'bypassPermissions',
     picture === undefined ? prompt : `${prompt} Picture: ${picture}`],
  write: (file, content) => ({ call: 'Write', args: { file_path: file, content } }),
  look: (file) => ({ call: 'Read', args: { file_path: file } }),
};

export const codex = {
  name: 'Codex',
  dialect: 'responses',
  keeps: keptBy.responses,
  model: 'codex-alias',
  upstreamModel: 'mock-codex-2',
  upstreamUrl: '/v1/responses',
  answers: answers.responses,
  command: [process.execPath, `${MODULES}@openai/codex/bin/codex.js`],
  prepare: (home, url, { websocket = false } = {}) => {
    const folder = path.join(home, '.codex');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'config.toml'), `
model = "codex-alias"
model_provider = "weir"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.weir]
name = "weir"
base_url = "${url}/v1"
env_key = "WEIR_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
supports_websockets = ${websocket}
`);
    return { CODEX_HOME: folder, WEIR_KEY: CLIENT_KEY, HTTPS_PROXY: NO_WAY_OUT,
             HTTP_PROXY: NO_WAY_OUT, NO_PROXY: '127.0.0.1' };
  },
  says: { 500: /high demand/ },
  args: (prompt, { picture } = {}) =>
    ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox',
     ...(picture === undefined ? [] : ['-i', picture, '--']), prompt],
  write: (file, content) => ({ call: 'exec_command', args: {
    cmd: `cat > '${file}' <<'END_OF_FILE'\n${content}END_OF_FILE\n` } }),
};

const gemini = {
  name: 'Gemini CLI',
  dialect: 'gemini',
  keeps: keptBy.gemini,
  model: 'gemini-alias',
  upstreamModel: 'mock-gemini-2',
  upstreamUrl: '/v1beta/models/mock-gemini-2:streamGenerateContent?alt=sse',
  answers: answers.gemini,
  command: [process.execPath, `${MODULES}@google/gemini-cli/bundle/gemini.js`],
  prepare: (home, url, { attempts = 1 } = {}) => {
    writeJson(path.join(home, '.gemini', 'settings.json'), {
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      general: { maxAttempts: attempts, disableAutoUpdate: true, enableAutoUpdate: false,
                 enableAutoUpdateNotification: false, disableUpdateNag: true },
    });
    return { GEMINI_API_KEY: CLIENT_KEY, GOOGLE_GEMINI_BASE_URL: url,
             GEMINI_CLI_TRUST_WORKSPACE: 'true', GEMINI_CLI_NO_RELAUNCH: 'true' };
  },
  args: (prompt, { picture } = {}) =>
    ['-m', 'gemini-alias', '--approval-mode', 'yolo', '-p',
     picture === undefined ? prompt : `${prompt} @${path.basename(picture)}`],
  write: (file, content) => ({ call: 'write_file', args: { file_path: file, content } }),
};

// opencode speaks all four dialects; its packages for them are built in.
function opencode(dialect, npm, model, upstreamModel, upstreamUrl, version) {
  return {
    name: `opencode as ${dialect}`,
    dialect,
    model,
    upstreamModel,
    upstreamUrl,
    answers: answers[dialect],
    keepsTrying: true,
    // It tries again after a broken connection, but not after every error inside a stream; when
    // both come together, either may win.
    mayGiveUp: true,
    hasTitleCall: true,
    command: [`${MODULES}opencode-ai/bin/opencode.exe`],
    prepare: (home, url) => {
      writeJson(path.join(home, '.config', 'opencode', 'opencode.json'), {
        $schema: 'https://opencode.ai/config.json',
        autoupdate: false,
        share: 'disabled',
        permission: { edit: 'allow', bash: 'allow', external_directory: 'allow' },
        enabled_providers: ['weir'],
        provider: {
          weir: {
            npm,
            options: { baseURL: `${url}${version}`, apiKey: CLIENT_KEY },
            models: {
              [model]: { attachment: true, tool_call: true,
                         modalities: { input: ['text', 'image'], output: ['text'] } },
            },
          },
        },
      });
      return { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1',
               OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
               HTTPS_PROXY: NO_WAY_OUT, HTTP_PROXY: NO_WAY_OUT, NO_PROXY: '127.0.0.1,localhost' };
    },
    args: (prompt, { picture } = {}) =>
      ['run', '-m', `weir/${model}`, prompt, ...(picture === undefined ? [] : ['-f', picture])],
    // As a client of Anthropic it does not switch thinking on: it is sent no signatures.
    keeps: dialect === 'anthropic' ? [] : keptBy[dialect],
    write: (file, content) => ({ call: 'write', args: { filePath: file, content } }),
  };
}

const opencodes = [
  opencode('chat', '@ai-sdk/openai-compatible', 'open-alias', 'mock-chat-3',
           '/v1/chat/completions', '/v1'),
  opencode('responses', '@ai-sdk/openai', 'codex-alias', 'mock-codex-2', '/v1/responses', '/v1'),
  opencode('anthropic', '@ai-sdk/anthropic', 'claude-alias', 'mock-claude-2', '/v1/messages',
           '/v1'),
  opencode('gemini', '@ai-sdk/google', 'gemini-alias', 'mock-gemini-2',
           '/v1beta/models/mock-gemini-2:streamGenerateContent?alt=sse', '/v1beta'),
];

// Each client in its own dialect; then the other dialects of the one that speaks them all.
export const clis = [claude, codex, gemini, opencodes[0]];
export const moreClis = opencodes.slice(1);

// Clients still running: they end with the tests, however those end.
const running = new Set();
process.on('exit', () => running.forEach((stop) => stop()));
process.on('SIGTERM', () => process.exit(143));

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

// Starts @cli in the scratch folder @home/work.  ended resolves to { code, signal, stdout,
// stderr, late }; late: it had to be ended after @limitMs.  stop() ends it now.
export function startCli(cli, home, url, prompt, { limitMs = 40_000, ...options } = {}) {
  const folder = path.join(home, 'work');
  fs.mkdirSync(folder, { recursive: true });
  const environment = { ...scratchEnvironment(home), ...cli.prepare(home, url, options),
                        NO_COLOR: '1', TERM: 'dumb', CI: '1' };
  // Files, not pipes: some clients leave before a pipe has taken all they said.
  const files = ['stdout', 'stderr'].map((name) => path.join(home, `client-${name}`));
  const outputs = files.map((file) => fs.openSync(file, 'w'));
  const [program, ...first] = cli.command;
  const child = spawn(program, [...first, ...cli.args(prompt, options)],
                      { cwd: folder, env: environment, detached: true,
                        stdio: ['ignore', ...outputs] });
  outputs.forEach((output) => fs.closeSync(output));
  let late = false;
  const stop = () => {
    running.delete(stop);
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it has ended, and all its children have
    }
  };
  running.add(stop);
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, limitMs);
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      stop(); // whatever it left behind
      resolve({ code, signal, late, stdout: readIfThere(files[0]),
                stderr: readIfThere(files[1]) });
    });
  }).finally(() => clearTimeout(timer));
  return { ended, stop };
}
