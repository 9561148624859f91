import type { Config } from '@/api/generated/types.gen';
import type { Policy } from '@/components/integration/policy';
import type { Settings } from '@/components/integration/schema-form';
import { Mono } from '@/components/ui/text';

/** What can be typed here and not be saved yet. */
export interface Typed {
  name: string;
  settings: Settings;
  policy: Policy;
}
export type Draft = Typed & { version: number };

export const typedOf = ({ name, settings, policy }: Config): Typed => ({ name, settings, policy });
export const isSame = (left: unknown, right: unknown): boolean => canonical(left) === canonical(right);

/** JSON with its members in order: two that say the same are the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
      : item,
  );
}

/** What a dialog shows of two that were changed at once: only where they differ. */
export function differencesOf(theirs: Typed, mine: Typed, policyName: string, nameName: string) {
  const names = [...new Set([...Object.keys(theirs.settings), ...Object.keys(mine.settings)])];
  const rows = [
    { name: nameName, left: theirs.name, right: mine.name },
    ...names.map((name) => ({ name, left: theirs.settings[name], right: mine.settings[name] })),
    { name: policyName, left: theirs.policy, right: mine.policy },
  ];
  const show = (value: unknown) => <Mono>{typeof value === 'string' ? value : (JSON.stringify(value) ?? '—')}</Mono>;
  return rows
    .filter(({ left, right }) => !isSame(left, right))
    .map(({ name, left, right }) => ({ name, theirs: show(left), mine: show(right) }));
}
