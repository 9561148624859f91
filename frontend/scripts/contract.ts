/**
 * Shows that the page can't drift from the host: renames a field of the host's document, makes the client of that, and
 * expects the type check to fail at the places that use the field. FOLDER takes the changed copy.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
if (!folder) throw new Error('contract: FOLDER');
const here = join(import.meta.dirname, '..');

const document = join(folder, 'openapi.json');
execFileSync(process.execPath, [join(here, 'scripts/client.ts')], {
  stdio: 'inherit',
  env: { ...process.env, TRAINFLOW_CLIENT: join(folder, 'client'), TRAINFLOW_KEEP_DOCUMENT: document },
});
const told = readFileSync(document, 'utf8');
const copy = join(folder, 'page');
for (const name of ['src', 'scripts', 'tsconfig.json', 'package.json', 'package-lock.json', 'vite.config.ts']) {
  cpSync(join(here, name), join(copy, name), { recursive: true });
}
symlinkSync(join(here, 'node_modules'), join(copy, 'node_modules'));

/** What the type check says of the page with this document. */
function check(text: string): { code: number; output: string } {
  writeFileSync(document, text);
  execFileSync(process.execPath, [join(copy, 'scripts/client.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TRAINFLOW_CLIENT: join(copy, 'src/api/generated'), TRAINFLOW_DOCUMENT: document },
  });
  const { status, stdout } = spawnSync(join(here, 'node_modules/.bin/tsc'), ['--noEmit', '-p', copy], {
    encoding: 'utf8',
  });
  return { code: status ?? 1, output: stdout };
}

const same = check(told);
if (same.code !== 0) throw new Error(`the page does not fit its own host:\n${same.output}`);
for (const [field, other, place] of [
  ['recent_runs', 'latest_runs', 'IntegrationsList.tsx'],
  ['eta_seconds', 'seconds_left', 'run-progress.tsx'],
] as const) {
  if (!told.includes(`"${field}"`))
    throw new Error(`the host's document has no ${field} any more: choose another field here`);
  const changed = check(told.replaceAll(`"${field}"`, `"${other}"`));
  if (changed.code === 0) throw new Error(`${field} became ${other}, and the page still builds`);
  if (!changed.output.includes(place))
    throw new Error(`${field} became ${other}, and ${place} does not notice:\n${changed.output}`);
  console.log(
    `${field} → ${other}: ${changed.output.split('\n').filter((line) => line.includes('error')).length} errors`,
  );
}
