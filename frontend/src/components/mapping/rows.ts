import type { Mapping, MappingLine, MappingSuggestions } from '@/api/generated/types.gen';
import type { Entity } from './targets';

/** A line of the mappings as it is being edited. */
export interface Row {
  /** Of this page; the host's id where the line stands already. */
  key: string;
  id?: string;
  stream: string;
  entity: Entity;
  source: string;
  target: string;
  transform: string;
  write: Mapping['write'];
  empty: Mapping['empty'];
}

/** Whether it says from where and where to: what doesn't is still being made, and the host is not asked about it. */
export const isWhole = (row: Row): boolean => row.source !== '' && row.target !== '';

let count = 0;
const newRowKey = (): string => `new-${Date.now()}-${count++}`;

export const newRow = (stream: string, entity: Entity, more: Partial<Row> = {}): Row => ({
  key: newRowKey(),
  stream,
  entity,
  source: '',
  target: '',
  transform: '',
  write: 'always',
  empty: 'ignore',
  ...more,
});

export const rowOfMapping = (mapping: Mapping): Row => ({
  key: mapping.id,
  id: mapping.id,
  stream: mapping.stream,
  entity: mapping.target_entity,
  source: mapping.source_field,
  target: mapping.target_field,
  transform: mapping.transform_function ?? '',
  write: mapping.write,
  empty: mapping.empty,
});

export type Proposal = MappingSuggestions['proposals'][number];

export const rowOfProposal = (proposal: Proposal): Row =>
  newRow(proposal.stream, proposal.target_entity, {
    source: proposal.source_field,
    target: proposal.target_field,
    transform: proposal.transform_function ?? '',
  });

/** Those whose target no row fills yet. */
export const openProposals = (found: MappingSuggestions | undefined, rows: readonly Row[]): Proposal[] =>
  (found?.proposals ?? []).filter((proposal) => !rows.some((row) => row.target === proposal.target_field));

export const lineOf = (row: Row): MappingLine => ({
  ...(row.id && { id: row.id }),
  stream: row.stream,
  target_entity: row.entity,
  source_field: row.source,
  target_field: row.target,
  transform_function: row.transform.trim() || null,
  write: row.write,
  empty: row.empty,
});

/** Without the ids: what a line says, to tell whether two say the same. */
const meaning = (row: Row): string => JSON.stringify({ ...lineOf(row), id: undefined });

export const isSame = (left: readonly Row[], right: readonly Row[]): boolean =>
  left.length === right.length && left.every((row, index) => right[index] && meaning(row) === meaning(right[index]));

/** What differs between two versions, by target: for who has to choose one. */
export function differencesOf(
  theirs: readonly Row[],
  mine: readonly Row[],
): { name: string; theirs: string; mine: string }[] {
  const byTarget = (rows: readonly Row[]) => new Map(rows.map((row) => [`${row.stream} → ${row.target}`, row]));
  const [left, right] = [byTarget(theirs), byTarget(mine)];
  const text = (row: Row | undefined) => (row ? [row.source, row.transform].filter(Boolean).join(' | ') : '—');
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((name) => ({ name, left: left.get(name), right: right.get(name) }))
    .filter(({ left, right }) => !left || !right || meaning(left) !== meaning(right))
    .map(({ name, left, right }) => ({ name, theirs: text(left), mine: text(right) }));
}

/** Moves one row to the place of another. */
export function moved(rows: readonly Row[], from: string, to: string): Row[] {
  const next = [...rows];
  const start = next.findIndex((row) => row.key === from);
  const end = next.findIndex((row) => row.key === to);
  const [row] = start < 0 || end < 0 ? [] : next.splice(start, 1);
  if (row) next.splice(end, 0, row);
  return next;
}
