/**
 * Makes src/api/generated from the OpenAPI document of the host that was built.
 *
 * The host is asked: TRAINFLOW names its executable (default: ../.build/stage/bin/trainflow), or TRAINFLOW_DOCUMENT a file
 * with the document; TRAINFLOW_KEEP_DOCUMENT a file to put it into, TRAINFLOW_CLIENT another folder to make. What was made stays while the document is the same.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const target = process.env.TRAINFLOW_CLIENT ?? join(here, 'src/api/generated');

async function askHost(): Promise<string> {
  const program = process.env.TRAINFLOW ?? join(here, '../.build/stage/bin/trainflow');
  await access(program).catch(() => {
    throw new Error(
      `there is no host at ${program}: build it first (make build), or name one in TRAINFLOW. The page's types are made from its OpenAPI document.`,
    );
  });
  const folder = await mkdtemp(join(tmpdir(), 'trainflow-document-'));
  await mkdir(join(folder, 'plugins.d'));
  const words = ['serve', '--port', '0', '--log-level', 'error', '--unsigned-plugins', 'allow'];
  words.push('--database', `sqlite:${join(folder, 'document.db')}`, '--plugins', join(folder, 'plugins.d'));
  const key = 'only-for-as-long-as-the-document-is-asked-for';
  const host = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SECRET_KEY: key, JWT_SECRET: key, SECRET_KEY_FILE: '', JWT_SECRET_FILE: '', JWT_JWKS: '' },
  });
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  try {
    for await (const line of createInterface({ input: host.stdout })) {
      const address = line.replace('listening on ', '');
      const answer = await fetch(`${address}/api/v1/integrations/openapi.json`);
      if (!answer.ok) throw new Error(`the host answers ${answer.status} for its document`);
      return await answer.text();
    }
    throw new Error('the host ended before it listened, for the reason above');
  } finally {
    host.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

async function make(): Promise<void> {
  const file = process.env.TRAINFLOW_DOCUMENT;
  const document = file ? await readFile(file, 'utf8') : await askHost();
  if (process.env.TRAINFLOW_KEEP_DOCUMENT) await writeFile(process.env.TRAINFLOW_KEEP_DOCUMENT, document);
  const lock = await readFile(join(here, 'package-lock.json'), 'utf8');
  const script = await readFile(fileURLToPath(import.meta.url), 'utf8');
  const hash = createHash('sha256').update(document).update(lock).update(script).digest('hex');
  const stamp = join(target, '.made-from');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return;
  await createClient({
    input: JSON.parse(document),
    output: { path: target },
    plugins: [
      '@hey-api/typescript',
      { name: '@hey-api/client-axios', throwOnError: true },
      '@hey-api/sdk',
      { name: '@tanstack/react-query', queryKeys: true, useQuery: false },
    ],
    logs: { level: 'silent' },
  });
  await writeFile(stamp, hash);
}

try {
  await make();
} catch (error) {
  console.error(`client: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
