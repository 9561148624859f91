/**
 * Prints what the page weighs, gzipped, and fails where a budget is passed: the shell's script, each page's own chunks
 * beside it, and how much of the font of each language.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

interface Entry {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
  isEntry?: boolean;
}

const limits = { shell: 180, page: 60 };
const dist = join(import.meta.dirname, '../dist');
const manifest: Record<string, Entry> = JSON.parse(await readFile(join(dist, '.vite/manifest.json'), 'utf8'));

const weigh = async (files: Iterable<string>): Promise<number> => {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(join(dist, file)), { level: 9 }).length;
  return bytes / 1000;
};

/** The files that a module needs before it runs. */
function needs(name: string, found = new Set<string>()): Set<string> {
  const entry = manifest[name];
  if (!entry || found.has(entry.file)) return found;
  found.add(entry.file);
  for (const other of entry.imports ?? []) needs(other, found);
  return found;
}

const start = Object.entries(manifest).find(([, entry]) => entry.isEntry);
if (!start) throw new Error('dist has no entry: npm run build first');
const shell = needs(start[0]);
const styles = new Set(start[1].css);
let isOver = false;
const tell = (what: string, size: number, limit?: number, count?: number) => {
  const isHeavy = limit !== undefined && size > limit;
  isOver ||= isHeavy;
  const budget = limit === undefined ? '' : ` of ${limit}`;
  console.log(
    `  ${what.padEnd(34)} ${size.toFixed(1).padStart(7)} kB${budget}${count ? `, ${count} files` : ''}${isHeavy ? '  TOO HEAVY' : ''}`,
  );
};

console.log('gzipped:');
tell('shell, script', await weigh(shell), limits.shell, shell.size);
tell('shell, styles', await weigh(styles));
for (const name of Object.keys(manifest)
  .filter((key) => /^src\/pages\/.*\.tsx$/.test(key))
  .sort()) {
  const own = new Set([...needs(name)].filter((file) => !shell.has(file)));
  tell(name.replace(/^.*\/|\.tsx$/g, ''), await weigh(own), limits.page, own.size);
}
const isPage = (name: string) => /^src\/pages\/.*\.tsx$/.test(name);
for (const [name, entry] of Object.entries(manifest)) {
  const isLazy = Object.values(manifest).some((other) => other.dynamicImports?.includes(name));
  if (!isLazy || isPage(name) || entry.isEntry) continue;
  const own = new Set([...needs(name)].filter((file) => !shell.has(file)));
  tell(`when needed: ${name.replace(/^.*\/|\.tsx?$/g, '')}`, await weigh(own));
}
if (isOver) process.exit(1);
