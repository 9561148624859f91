import { expect, test } from 'vitest';
import { wordsIn } from './text.ts';

const found = (source: string) => wordsIn('x.tsx', source).length;

test.each([
  ['<p>Hello there</p>', 1],
  ['<p>{"Hello"}</p>', 1],
  ['<p>{a ? "Yes" : "No"}</p>', 2],
  ['<p>{name || "nobody"}</p>', 1],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a page, as a text
  ['<p>{`has ${n} rows`}</p>', 1],
  ['<Button aria-label="Close" />', 1],
  ['<Input placeholder={"Search"} />', 1],
  ['const columns = [{ id: "a", header: "Name" }];', 1],
  ['<p>{t("title")} · {n} — …</p>', 0],
  ['<p className="text-sm font-medium" dir="ltr">{text}</p>', 0],
  ['<Key>Ctrl</Key>', 0],
  ['const state = "running";', 0],
])('%s has %i words outside the translations', (source, count) => expect(found(source)).toBe(count));
