import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const program = process.env.TRAINFLOW ?? join(root, '.build/stage/bin/trainflow');
const plugins = process.env.TRAINFLOW_PLUGINS ?? join(root, 'plugins.d');
const key = 'a-key-of-more-than-32-characters-for-tests';
const environment = {
  ...process.env,
  SECRET_KEY: key,
  JWT_SECRET: key,
  JWT_SECRET_FILE: '',
  SECRET_KEY_FILE: '',
  JWT_JWKS: '',
};

/** `/proc/PID/stat`: proc(5). Empty where it is no process, or has ended meanwhile. */
const processOf = (name: string): Promise<string> =>
  /^\d+$/.test(name) ? readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : Promise.resolve('');

/** A real host with the page, on a port and a database of its own. */
export class Host {
  private process: ChildProcess | undefined;
  private port = 0;

  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `more`: files beside the connectors, by name. */
  static async start(more: Record<string, string> = {}): Promise<Host> {
    const host = new Host(await mkdtemp(join(tmpdir(), 'trainflow-page-')));
    await cp(plugins, join(host.folder, 'plugins.d'), { recursive: true });
    for (const [name, text] of Object.entries(more)) await writeFile(join(host.folder, 'plugins.d', name), text);
    await host.serve();
    return host;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, again on the same port if it had one. */
  async serve(): Promise<void> {
    const words = ['serve', '--port', String(this.port), '--log-level', 'error', '--rate-limit', '0'];
    words.push('--database', `sqlite:${join(this.folder, 'trainflow.db')}`, '--page', join(root, 'frontend/dist'));
    words.push('--plugins', join(this.folder, 'plugins.d'), '--unsigned-plugins', 'allow');
    this.process = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'], env: environment });
    if (!this.process.stdout) throw new Error('no output');
    for await (const line of createInterface({ input: this.process.stdout })) {
      this.port = Number(line.split(':').at(-1));
      return;
    }
    throw new Error(`${program} ended before it listened, for the reason above`);
  }

  /** Ends it; the database stays for `serve`. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process || process.exitCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGTERM');
    await ended;
  }

  /** Stops whatever reads a source for it, in the middle; the answer lets them go on. */
  async holdRuns(): Promise<() => void> {
    const runners: number[] = [];
    for (const name of await readdir('/proc')) {
      const [, command, , parent] = /^\d+ \((.*)\) (\S+) (\d+)/.exec(await processOf(name)) ?? [];
      if (command?.startsWith('trainflow-run') && Number(parent) === this.process?.pid) runners.push(Number(name));
    }
    if (runners.length === 0) throw new Error('nothing reads a source');
    for (const runner of runners) process.kill(runner, 'SIGSTOP');
    return () => {
      for (const runner of runners) {
        try {
          process.kill(runner, 'SIGCONT');
        } catch (error) {
          // Its host has ended it meanwhile: kill(2).
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
    };
  }

  /** Changes the database while the host is away: what would take a year to come about. */
  async offline(change: (database: string) => void): Promise<void> {
    await this.stop();
    try {
      change(join(this.folder, 'trainflow.db'));
    } finally {
      await this.serve();
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async token(tenant: string, role = 'administrator', ...more: string[]): Promise<string> {
    const words = ['token', '--tenant', tenant, '--role', role, '--subject', 'sara', ...more];
    return (await promisify(execFile)(program, words, { env: environment })).stdout.trim();
  }
}

type Answer = Record<string, unknown> & { id: string };

/** A tenant of its own at a host: what a test needs to stand before the page is opened. */
export class Tenant {
  readonly id = randomUUID();
  token = '';

  readonly host: Host;

  private constructor(host: Host) {
    this.host = host;
  }

  static async at(host: Host, role?: string): Promise<Tenant> {
    const tenant = new Tenant(host);
    tenant.token = await host.token(tenant.id, role);
    return tenant;
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const isText = typeof body === 'string';
    const answer = await fetch(`${this.host.address}/api/v1/integrations${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'Content-Type': isText ? 'text/csv' : 'application/json' }),
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? (JSON.parse(text) as Answer) : ({} as Answer);
  }

  get = (path: string) => this.ask('GET', path);
  post = (path: string, body: unknown = {}) => this.ask('POST', path, body);

  /** A configuration that reads files; its id. */
  async config(name: string, more: object = {}): Promise<string> {
    return (await this.post('/configs', { name, provider: 'file', ...more })).id;
  }

  /** Maps columns to people's fields as they are: `{ id: 'external_id' }`. */
  async map(config: string, stream: string, columns: Record<string, string>): Promise<void> {
    const lines = Object.entries(columns).map(([source_field, target_field]) => ({ source_field, target_field }));
    const mappings = lines.map((line) => ({ stream, target_entity: 'users', ...line }));
    await this.ask('PUT', `/${config}/mappings`, { mappings });
  }

  /** Uploads a file; its id. */
  async upload(config: string, name: string, text: string): Promise<string> {
    return (await this.ask('POST', `/${config}/files?name=${encodeURIComponent(name)}`, text)).id;
  }

  /** Starts a run and waits until it is at rest, by its events; the run. */
  async run(config: string, what: object): Promise<Answer> {
    const { id } = await this.post(`/${config}/sync`, what);
    return this.atRest(id);
  }

  async atRest(run: string): Promise<Answer> {
    const answer = await fetch(`${this.host.address}/api/v1/integrations/runs/${run}/events`, {
      headers: { Authorization: `Bearer ${this.token}` },
    });
    await answer.text(); // The stream ends when the run is at rest.
    return this.get(`/runs/${run}`);
  }

  /** samples/people.csv with its mappings, imported: a configuration with a run that has rejects. */
  async samplePeople(name = 'Sample people'): Promise<{ config: string; run: Answer }> {
    const samples = join(root, 'samples');
    const policy: unknown = JSON.parse(await readFile(join(samples, 'people.policy.json'), 'utf8'));
    const mappings: unknown = JSON.parse(await readFile(join(samples, 'people.map.json'), 'utf8'));
    const config = await this.config(name, { policy });
    await this.ask('PUT', `/${config}/mappings`, mappings);
    const file = await this.upload(config, 'people.csv', await readFile(join(samples, 'people.csv'), 'utf8'));
    return { config, run: await this.run(config, { file_id: file }) };
  }

  /** Forty people, and a run that would take the access from twelve of them: it is held. */
  async heldPeople(
    name = 'Employees, all sites',
    options: { dry_run?: boolean } = {},
  ): Promise<{ config: string; run: Answer; file: string }> {
    const config = await this.config(name, { policy: { guard: { deactivate: { percent: 5, absolute: 3 } } } });
    const columns = { id: 'external_id', email: 'email', first: 'first_name', last: 'last_name', status: 'status' };
    await this.map(config, 'staff.csv', columns);
    const names = ['Omar Al-Qahtani', 'Noura Al-Otaibi', 'Faisal Harbi', 'مريم صالح', 'Jonas Weber', 'Huda Saleh'];
    const file = (status: (place: number) => string) => {
      const rows = Array.from({ length: 40 }, (_, place) => {
        const [first, last] = (names[place] ?? `Person${place} Example`).split(' ');
        return `${4127 + place},p${place}@example.org,${first},${last},${status(place)}`;
      });
      return this.upload(config, 'staff.csv', ['id,email,first,last,status', ...rows].join('\n'));
    };
    await this.run(config, { file_id: await file(() => 'active') });
    const ending = await file((place) => (place < 12 ? 'inactive' : 'active'));
    const run = await this.run(config, { file_id: ending, ...options });
    return { config, run, file: ending };
  }
}
