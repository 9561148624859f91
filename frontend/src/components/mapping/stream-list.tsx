import { useQuery } from '@tanstack/react-query';
import { discoverStreams } from '@/api/generated/sdk.gen';
import type { Stream } from '@/api/generated/types.gen';
import { createMessages } from '@/components/create/messages';
import { Select } from '@/components/ui/select';
import { Bdi } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { type Entity, entities } from './targets';

export interface ChosenStream {
  stream: string;
  entity: Entity;
}

/** By the names that people give to such lists; who chooses sees it and may say otherwise. */
export function guessEntity(stream: Pick<Stream, 'name' | 'fields'>): Entity {
  const names = [stream.name, ...stream.fields.map(({ name }) => name)].join(' ').toLowerCase();
  const own = stream.name.toLowerCase();
  if (/enrol|registration|تسجيل/.test(own)) return 'enrollments';
  if (/course|training|catalog|دور/.test(own)) return 'courses';
  if (/people|person|user|employee|staff|worker|موظف/.test(own)) return 'users';
  if (/course/.test(names) && /(user|employee|person|learner)_?(id|no|email|external)/.test(names))
    return 'enrollments';
  return /course_?(id|code|title)|duration/.test(names) && !/first.?name|last.?name|e.?mail/.test(names)
    ? 'courses'
    : 'users';
}

/** What a connection, or a file, offers to be read. */
export function useStreams(config: string, file: string | undefined) {
  return useQuery({
    queryKey: ['streams', config, file],
    queryFn: async ({ signal }) => {
      const body = file ? { file_id: file } : {};
      return (await discoverStreams({ path: { id: config }, body, signal, timeout: 120_000 })).data;
    },
    enabled: config !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The choice with one stream changed, in the source's order. */
export function chosenWith(
  chosen: readonly ChosenStream[],
  streams: readonly Stream[],
  stream: string,
  entity: Entity | 'none',
): ChosenStream[] {
  const others = chosen.filter((one) => one.stream !== stream);
  const next = entity === 'none' ? others : [...others, { stream, entity }];
  const order = streams.map(({ name }) => name);
  return next.sort((left, right) => order.indexOf(left.stream) - order.indexOf(right.stream));
}

interface StreamListProps {
  streams: readonly Stream[];
  chosen: readonly ChosenStream[];
  onChoose: (stream: string, entity: Entity | 'none') => void;
}

/** Each stream, and what its records become. */
export function StreamList({ streams, chosen, onChoose }: StreamListProps) {
  const t = useMessages(createMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  return (
    <ul className="border-t">
      {streams.map((stream) => (
        <li
          key={stream.name}
          className="grid items-center gap-x-6 gap-y-2 border-b px-4 py-3 last:border-b-0 sm:grid-cols-[minmax(0,1fr)_14rem]"
        >
          <div className="min-w-0">
            <Bdi className="font-medium">{stream.name}</Bdi>{' '}
            <span className="text-table text-muted-foreground">{d('fields', { count: stream.fields.length })}</span>
            <p className="truncate text-table text-muted-foreground">
              {t('streams.fields', {
                fields: stream.fields
                  .slice(0, 6)
                  .map(({ name }) => name)
                  .join(', '),
              })}
            </p>
            {Object.keys(stream.found).length > 0 && (
              <p className="text-table text-muted-foreground">
                {t('streams.found', {
                  facts: format.list(Object.entries(stream.found).map(([name, value]) => `${name} ${value}`)),
                })}
              </p>
            )}
          </div>
          <Select<Entity | 'none'>
            aria-label={t('streams.as', { stream: stream.name })}
            value={chosen.find((one) => one.stream === stream.name)?.entity ?? 'none'}
            onChange={(entity) => onChoose(stream.name, entity)}
            choices={[
              ...entities.map((entity) => ({ value: entity, label: d(`entity.${entity}`) })),
              { value: 'none', label: t('streams.nothing') },
            ]}
          />
        </li>
      ))}
    </ul>
  );
}
