import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { checkFile, previewMappings, suggestMappings, validateMappings } from '@/api/generated/sdk.gen';
import type { SourceProfile, ValidateMappingsResponses } from '@/api/generated/types.gen';
import { isWhole, lineOf, type Row } from './rows';
import type { Entity } from './targets';

export type Problem = ValidateMappingsResponses[200]['problems'][number];

/** Takes a value over once it has stood for a moment: nobody is asked at every key. */
function useSettled<V>(value: V, milliseconds = 350): V {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

interface Asked {
  config: string;
  rows: readonly Row[];
  file?: string | undefined;
}

const withFile = (file: string | undefined) => (file ? { file_id: file } : {});

/** What is wrong with the rows, by their key; under an empty key what is wrong with all of them. */
export function useProblems({ config, rows, file }: Asked) {
  const whole = useMemo(() => rows.filter(isWhole), [rows]);
  const text = useSettled(JSON.stringify(whole.map(lineOf)));
  const query = useQuery({
    queryKey: ['validate', config, file, text],
    queryFn: async ({ signal }) => {
      const body = { mappings: JSON.parse(text), ...(file && { file_id: file, discover: true }) };
      return (await validateMappings({ path: { id: config }, body, signal })).data;
    },
    enabled: text !== '[]',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const problems = useMemo(() => {
    const found = new Map<string, Problem[]>();
    for (const problem of query.data?.problems ?? []) {
      const index = /^\/mappings\/(\d+)/.exec(problem.pointer)?.[1];
      const key = index === undefined ? '' : (whole[Number(index)]?.key ?? '');
      found.set(key, [...(found.get(key) ?? []), problem]);
    }
    return found;
  }, [query.data, whole]);
  return { problems, query, isSettled: text === JSON.stringify(whole.map(lineOf)) && !query.isFetching };
}

/** What comes of the first rows of the source, or of those that are given. */
export function usePreview({
  config,
  rows,
  file,
  stream,
  entity,
  choose = 'first',
  person = '',
  given,
  isEnabled,
}: Asked & {
  stream: string;
  entity: Entity;
  /** Which of the source's rows. */
  choose?: 'first' | 'random' | 'failing' | 'key';
  /** With `key`: the external id that is meant. */
  person?: string;
  given?: readonly Record<string, string | null>[] | undefined;
  isEnabled: boolean;
}) {
  const lines = rows.filter((row) => isWhole(row) && row.stream === stream && row.entity === entity).map(lineOf);
  const newest = JSON.stringify(lines);
  const text = useSettled(newest);
  const key = useSettled(person.trim());
  return useQuery({
    queryKey: ['preview', config, file, stream, entity, given, choose, key, text],
    queryFn: async ({ signal }) => {
      const chosen = { choose, ...(choose === 'key' && { key }) };
      const source = given
        ? { rows: [...given] }
        : { limit: choose === 'random' ? 50 : 200, ...chosen, ...withFile(file) };
      const body = { mappings: JSON.parse(text), stream, target_entity: entity, ...source };
      return (await previewMappings({ path: { id: config }, body, signal })).data;
    },
    // Not while rows stand there that have been found wrong meanwhile.
    enabled:
      isEnabled &&
      text === newest &&
      text !== '[]' &&
      (choose !== 'key' || key !== '') &&
      (given === undefined || given.length > 0),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export function useSuggestions({
  config,
  file,
  stream,
  entity,
  isEnabled = true,
}: Omit<Asked, 'rows'> & { stream: string; entity: Entity; isEnabled?: boolean }) {
  return useQuery({
    queryKey: ['suggest', config, file, stream, entity],
    queryFn: async ({ signal }) => {
      const body = { target_entity: entity, stream, ...withFile(file) };
      return (await suggestMappings({ path: { id: config }, body, signal })).data;
    },
    enabled: isEnabled && stream !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The file's columns, and what is odd about them. */
export function useFileCheck(config: string, file: string | undefined) {
  return useQuery({
    queryKey: ['check', config, file],
    queryFn: async ({ signal }) =>
      (await checkFile({ path: { id: config, file: file ?? '' }, body: {}, signal, timeout: 120_000 })).data,
    enabled: config !== '' && file !== undefined && file !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type ColumnProfile = SourceProfile['columns'][number];
