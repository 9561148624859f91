import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { getConfigOptions, getMappingsOptions, listFilesOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { Policy } from '@/components/integration/policy';
import type { Settings } from '@/components/integration/schema-form';
import { type Row, rowOfMapping } from '@/components/mapping/rows';
import type { ChosenStream } from '@/components/mapping/stream-list';
import { useIntegrationStore } from '@/store/integration';

export const steps = ['provider', 'connection', 'test', 'streams', 'mapping', 'preview', 'limits', 'on'] as const;
export type StepName = (typeof steps)[number];

/** What the wizard has gathered; secrets are never among it. */
export interface CreateDraft {
  step: StepName;
  provider: string;
  name: string;
  settings: Settings;
  policy: Policy;
  /** The integration at the host, switched off until the last step; empty before it is made. */
  id: string;
  file: { id: string; name: string; size: number } | null;
  streams: ChosenStream[];
  rows: Row[];
  /** Its last step was taken: who comes without its address begins another. */
  isOver: boolean;
}

const empty: CreateDraft = {
  step: 'provider',
  provider: '',
  name: '',
  settings: {},
  policy: {},
  id: '',
  file: null,
  streams: [],
  rows: [],
  isOver: false,
};

const place = 'create';

export interface Wizard {
  draft: CreateDraft;
  step: StepName;
  /** How far one may go by the steps' links. */
  reached: number;
  change: (part: Partial<CreateDraft>) => void;
  /** To a step; what is gathered on the way goes with it. */
  go: (step: StepName, part?: Partial<CreateDraft>) => void;
  beginAnew: () => void;
}

function reachedBy(draft: CreateDraft): number {
  if (draft.provider === '') return 0;
  if (draft.id === '') return 1;
  if (draft.streams.length === 0) return 3;
  return draft.rows.length === 0 ? 4 : steps.length - 1;
}

/**
 * The wizard's state: the step and the integration's id in the address, what is typed in the tab's store. Opened
 * elsewhere by its address, it is built again from what the host has.
 */
export function useWizard(): Wizard & { resuming: unknown; isResuming: boolean } {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const kept = useIntegrationStore((state) => state.drafts[place]) as unknown as CreateDraft | undefined;
  const id = search.get('id') ?? '';
  const isPast = kept?.isOver === true && id === '';
  useEffect(() => {
    if (isPast) dropCreateDraft();
  }, [isPast]);
  const draft = kept && !isPast ? kept : empty;
  const isElsewhere = id !== '' && draft.id !== id;
  const path = { path: { id } };
  const config = useQuery({ ...getConfigOptions(path), enabled: isElsewhere });
  const mappings = useQuery({ ...getMappingsOptions(path), enabled: isElsewhere });
  const files = useQuery({ ...listFilesOptions({ ...path, query: { limit: 1 } }), enabled: isElsewhere });

  const keep = useCallback((next: CreateDraft) => {
    useIntegrationStore.getState().keepDraft(place, next as unknown as Record<string, unknown>);
  }, []);
  const read = useCallback(
    () => (useIntegrationStore.getState().drafts[place] as unknown as CreateDraft | undefined) ?? empty,
    [],
  );

  useEffect(() => {
    if (!isElsewhere || !config.data || !mappings.data || !files.data) return;
    const rows = mappings.data.items.map(rowOfMapping);
    const seen = new Map(
      rows.map((row) => [`${row.stream} ${row.entity}`, { stream: row.stream, entity: row.entity }]),
    );
    const file = files.data.items[0];
    keep({
      ...empty,
      step: 'test',
      provider: config.data.provider,
      name: config.data.name,
      settings: config.data.settings,
      policy: config.data.policy,
      id,
      file: file ? { id: file.id, name: file.name, size: file.size } : null,
      streams: [...seen.values()],
      rows,
    });
  }, [isElsewhere, config.data, mappings.data, files.data, id, keep]);

  const asked = steps.find((name) => name === search.get('step')) ?? draft.step;
  const reached = reachedBy(draft);
  const step = steps[Math.min(steps.indexOf(asked), reached)] ?? 'provider';

  const change = useCallback((part: Partial<CreateDraft>) => keep({ ...read(), ...part }), [keep, read]);
  const go = useCallback(
    (next: StepName, part: Partial<CreateDraft> = {}) => {
      const made = { ...read(), ...part, step: next };
      keep(made);
      const address = new URLSearchParams({ step: next, ...(made.id && { id: made.id }) });
      navigate({ search: `?${address}` });
      window.scrollTo({ top: 0 });
    },
    [keep, read, navigate],
  );
  const beginAnew = useCallback(() => {
    useIntegrationStore.getState().dropDraft(place);
    navigate({ search: '?step=provider' });
  }, [navigate]);

  return {
    draft,
    step,
    reached,
    change,
    go,
    beginAnew,
    isResuming: isElsewhere,
    resuming: config.error ?? mappings.error ?? files.error,
  };
}

export const dropCreateDraft = (): void => useIntegrationStore.getState().dropDraft(place);
