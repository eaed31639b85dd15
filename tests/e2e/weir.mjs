// SPDX-License-Identifier: GPL-3.0-or-later
//
// A stage for one test: a mock upstream, a weir in front of it with a configuration of its own,
// and a scratch home.  When the test ends the stage proves that the client's key stayed inside,
// that weir leaves by SIGTERM without complaint, and takes everything away.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { Mock } from './mock.mjs';

export const CLIENT_KEY = 'sk-weir-e2e-0123456789abcdef01234567';
export const UPSTREAM_KEYS = {
  chat: 'upstream-chat-key-89ab',
  responses: 'upstream-codex-key-89ab',
  anthropic: 'upstream-claude-key-89ab',
  gemini: 'upstream-gemini-key-89ab',
};
const WEIR = process.env.WEIR;
const START_MS = 10_000;
const STOP_MS = 10_000;

// Client's name -> upstream's name.  Every dialect has one model without and one with an alias.
export const MODELS = {
  chat: { 'mock-chat-1': 'mock-chat-1', 'gpt-alias': 'mock-chat-2',
          'open-alias': 'mock-chat-3', 'embed-alias': 'mock-embed-1',
          'ft:odd/name:1': 'mock-chat-4' },
  responses: { 'mock-codex-1': 'mock-codex-1', 'codex-alias': 'mock-codex-2' },
  anthropic: { 'mock-claude-1': 'mock-claude-1', 'claude-alias': 'mock-claude-2' },
  gemini: { 'mock-gemini-1': 'mock-gemini-1', 'gemini-alias': 'mock-gemini-2' },
};

function modelList(dialect) {
  return Object.entries(MODELS[dialect])
    .map(([alias, name]) => (alias === name ? { name } : { name, alias }));
}

// JSON is YAML: the quoting cannot go wrong.
function configure(mockPort, keepaliveSeconds) {
  const base = `http://127.0.0.1:${mockPort}`;
  const keyed = (dialect, url) => [{ 'api-key': UPSTREAM_KEYS[dialect], 'base-url': url,
                                     models: modelList(dialect) }];
  return {
    host: '127.0.0.1',
    port: 0,
    'api-keys': [CLIENT_KEY],
    'request-retry': 0,
    streaming: { 'keepalive-seconds': keepaliveSeconds },
    'openai-compatibility': [{
      name: 'mock',
      'base-url': `${base}/v1`,
      'api-key-entries': [{ 'api-key': UPSTREAM_KEYS.chat }],
      models: modelList('chat'),
    }],
    'codex-api-key': keyed('responses', `${base}/v1`),
    'claude-api-key': keyed('anthropic', base),
    'gemini-api-key': keyed('gemini', base),
  };
}

// What every child gets: a scratch home, no session bus, no credentials and no way out.
export function scratchEnvironment(home) {
  const kept = ['PATH', 'LANG', 'LC_ALL', 'TMPDIR', 'ASAN_OPTIONS', 'UBSAN_OPTIONS',
                'LSAN_OPTIONS', 'G_DEBUG', 'G_SLICE'];
  const environment = Object.fromEntries(kept.filter((name) => process.env[name] !== undefined)
    .map((name) => [name, process.env[name]]));
  return { ...environment, HOME: home, XDG_CONFIG_HOME: `${home}/.config`,
           XDG_STATE_HOME: `${home}/.local/state`, XDG_DATA_HOME: `${home}/.local/share`,
           XDG_CACHE_HOME: `${home}/.cache`, XDG_RUNTIME_DIR: home };
}

function startWeir(home, configPath) {
  assert.ok(WEIR, 'WEIR must name the program under test');
  const child = spawn(WEIR, ['--config', configPath, '--port', '0'],
                      { env: scratchEnvironment(home), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  const exited = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => resolve({ error }));
  });
  const ready = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`weir is not ready: ${output.stderr}`)),
                             START_MS);
    child.stderr.on('data', (bytes) => { output.stderr += bytes; });
    child.stdout.on('data', (bytes) => {
      output.stdout += bytes;
      const line = /^weir listening on (http:\/\/\S+)$/m.exec(output.stdout);
      if (line !== null) {
        clearTimeout(timer);
        resolve(line[1]);
      }
    });
    exited.then((end) => {
      clearTimeout(timer);
      reject(new Error(`weir ended at once: ${JSON.stringify(end)} ${output.stderr}`));
    });
  });
  return { child, output, exited, ready };
}

async function stopWeir(weir) {
  const timer = setTimeout(() => weir.child.kill('SIGKILL'), STOP_MS);
  weir.child.kill('SIGTERM');
  const end = await weir.exited;
  clearTimeout(timer);
  assert.deepEqual(end, { code: 0, signal: null },
                   `weir did not end cleanly on SIGTERM: ${weir.output.stderr}`);
}

// The client's key must not stand anywhere in what the upstream saw.
function assertKeyStayedInside(mock) {
  for (const record of mock.requests) {
    const text = [record.url, ...record.rawHeaders, record.body.toString('latin1')].join('\n');
    assert.ok(!text.includes(CLIENT_KEY), `the client's key went upstream in ${record.url}`);
  }
}

function assertSecretsStayedOut(weir) {
  const text = weir.output.stdout + weir.output.stderr;
  for (const secret of [CLIENT_KEY, ...Object.values(UPSTREAM_KEYS)])
    assert.ok(!text.includes(secret), 'a key stands in the log of weir');
}

// Sets the stage for test context @t.  @prepare (optional) may edit the configuration.
export async function stage(t, { keepaliveSeconds = 15, prepare } = {}) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-e2e-'));
  const mock = await Mock.start();
  const config = configure(mock.port, keepaliveSeconds);
  prepare?.(config);
  const configPath = path.join(home, 'config.yaml');
  fs.writeFileSync(configPath, JSON.stringify(config, null, 2), { mode: 0o600 });
  const weir = startWeir(home, configPath);

  t.after(async () => {
    try {
      await stopWeir(weir);
      assertKeyStayedInside(mock);
      assertSecretsStayedOut(weir);
    } finally {
      await mock.stop();
      fs.rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      if (process.env.WEIR_LOG)
        process.stderr.write(weir.output.stderr);
    }
  });

  const url = await weir.ready;
  return { url, mock, home, weir };
}
