// The whole system for one test: a real server, real agents, a swarm, the clients of 2018, and a page
// that fails the test on any console error or policy violation.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

const bin = process.env.CPUMONITOR_BIN_DIR ?? '../../target/release';
export const artifacts = process.env.CPUMONITOR_ARTIFACTS ?? '../../target/browser';

/** One of our programs, with what it has said so far. */
export class Program {
  readonly child: ChildProcess;
  said = '';

  constructor(name: string, args: string[]) {
    const path = join(bin, name);
    if (!existsSync(path)) throw new Error(`${path} is missing: run \`cargo xtask build\` first`);
    this.child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes) => {
        this.said += bytes;
      });
    }
  }

  /** Ends it with `signal` and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await gone;
  }
}

/** A host as `/api/v1/hosts` tells it. */
export interface Host {
  id: string;
  name: string;
  status: string;
  readings: Record<string, number | null>;
}

/** A server and everything around it. All of it ends with the test. */
export class Fleet {
  private readonly programs: Program[] = [];
  private readonly folders: string[] = [];
  private readonly sockets: Socket[] = [];
  private server?: Program;
  url = '';

  /** Starts the server; `port` 0 takes any. */
  async serve(port = 0): Promise<void> {
    this.server = this.start('cpumonitor-server', ['--listen', `127.0.0.1:${port}`, '--print', 'none']);
    const server = this.server;
    const address = () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.said)?.[0] ?? '';
    await expect.poll(address, { message: 'the server prints its address' }).not.toBe('');
    this.url = address();
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async killServer(): Promise<void> {
    await this.server?.end('SIGKILL');
  }

  agent(name: string): Program {
    const state = mkdtempSync(join(tmpdir(), 'cpumonitor-agent-'));
    this.folders.push(state);
    const server = this.url.replace('http', 'ws');
    return this.start('cpumonitor-agent', ['--server', server, '--name', name, '--state-dir', state]);
  }

  /** Simulated hosts that have been running for `history` already and report `rate` times a second. */
  swarm(hosts: number, history = '0s', rate = 1): Program {
    const server = this.url.replace('http', 'ws');
    const who = ['--server', server, '--hosts', `${hosts}`, '--seed', '7'];
    return this.start('cpumonitor-swarm', [...who, '--history', history, '--rate', `${rate}`]);
  }

  /** The unmodified client of 2018, byte for byte: its handshake and one masked text frame. */
  async client2018(payload: string): Promise<void> {
    const socket = connect(this.port, '127.0.0.1');
    this.sockets.push(socket);
    let heard = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
    });
    const lines = [
      'GET /webservices/cpu/ HTTP/1.1',
      'User-Agent: AutobahnPython/18.6.1',
      `Host: 127.0.0.1:${this.port}`,
      'Upgrade: WebSocket',
      'Connection: Upgrade',
      'Pragma: no-cache',
      'Cache-Control: no-cache',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await expect.poll(() => heard.toString('latin1')).toContain('101 Switching Protocols');
    const text = Buffer.from(payload);
    const mask = Buffer.from([1, 2, 3, 4]);
    const masked = text.map((byte, at) => byte ^ mask[at % 4]);
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, masked]));
    await expect.poll(() => heard.toString('latin1')).toContain(`Current CPU usage is ${payload} `);
  }

  async hosts(query = ''): Promise<Host[]> {
    const answer = await fetch(`${this.url}/api/v1/hosts${query && `?q=${encodeURIComponent(query)}`}`);
    const body = (await answer.json()) as { hosts: Host[] };
    return body.hosts;
  }

  private start(name: string, args: string[]): Program {
    const program = new Program(name, args);
    this.programs.push(program);
    return program;
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    for (const program of this.programs.reverse()) await program.end('SIGKILL');
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** A test with a fleet of its own, and a page that may not complain. */
export const test = base.extend<{ fleet: Fleet; complaints: string[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
  fleet: async ({}, use) => {
    const fleet = new Fleet();
    await fleet.serve();
    await use(fleet);
    await fleet.end();
  },
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      page.on('console', (message) => {
        // A server that was killed on purpose cannot be reached; the browser says so by itself.
        const expected = /ERR_CONNECTION_REFUSED|WebSocket connection to/.test(message.text());
        if (message.type() === 'error' && !expected) complaints.push(message.text());
      });
      await use(complaints);
      expect(complaints, 'the page logs no error and breaks no content policy').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Nothing serious for axe to say about the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated by the debugger, which no content policy stops.
  await page.evaluate(axe);
  const findings = await page.evaluate(async () => {
    const { violations } = await (window as any).axe.run();
    return violations
      .filter((v: any) => v.impact === 'serious' || v.impact === 'critical')
      .map((v: any) => `${v.id}: ${v.nodes.map((node: any) => node.html).join(' | ')}`);
  });
  expect(findings, 'serious findings of axe').toEqual([]);
}

/** A picture kept with the test run. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artifacts, `${name}.png`) });
}

export const rows = (page: Page): Locator => page.getByTestId('host-row');
export const row = (page: Page, name: string): Locator => rows(page).filter({ hasText: name });
