import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, ClipboardList, FlaskConical, Play } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { ifVersion, useOnce } from '@/api/client';
import {
  getFileOptions,
  getMappingsOptions,
  getMappingsQueryKey,
  listConfigsInfiniteOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import {
  changeConfig,
  createConfig,
  getConfig,
  listConfigs,
  replaceMappings,
  startSync,
} from '@/api/generated/sdk.gen';
import type { Config, Mappings, File as StoredFile } from '@/api/generated/types.gen';
import { failureOf, nameErrorOf } from '@/api/problem';
import { FileDrop } from '@/components/import/file-drop';
import { FileFindings } from '@/components/import/file-findings';
import { FirstRows } from '@/components/import/first-rows';
import { importMessages } from '@/components/import/messages';
import { useUpload } from '@/components/import/upload';
import type { MappingWorkState } from '@/components/mapping/mapping-work';
import { useFileCheck } from '@/components/mapping/questions';
import { isSame, lineOf, type Row, rowOfMapping } from '@/components/mapping/rows';
import { type ChosenStream, chosenWith, guessEntity, StreamList, useStreams } from '@/components/mapping/stream-list';
import { PageHeader } from '@/components/page-header';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { ErrorPanel, FailureNote } from '@/components/ui/failure';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Loaded } from '@/components/ui/loaded';
import { Notice } from '@/components/ui/notice';
import { byCursor, itemsOf } from '@/components/ui/pages';
import { Segments } from '@/components/ui/segments';
import { Select } from '@/components/ui/select';
import { TableSkeleton } from '@/components/ui/skeleton';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFocusAtPart } from '@/lib/focus';
import { useSearchState } from '@/lib/search-state';
import { useIntegrationStore } from '@/store/integration';
import people from '../../../../samples/people.csv?url';
import { fileImportMessages } from './FileImport.messages';

const ImportRun = lazy(() =>
  import('@/components/import/import-run').then(({ ImportRun }) => ({ default: ImportRun })),
);
const MappingWork = lazy(() =>
  import('@/components/mapping/mapping-work').then(({ MappingWork }) => ({ default: MappingWork })),
);

export function Page() {
  const [config] = useSearchState('config', '');
  const [file] = useSearchState('file', '');
  return config && file ? <Import key={`${config} ${file}`} config={config} file={file} /> : <Choose />;
}

/** Which file, and into what. */
function Choose() {
  const t = useMessages(fileImportMessages);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [sample] = useSearchState('sample', '');
  const [into, setInto] = useSearchState('into', '');
  const [name, setName] = useState('');
  const once = useOnce();
  const upload = useUpload();
  const configs = useInfiniteQuery({
    ...listConfigsInfiniteOptions({ query: { limit: 200, provider: 'file' } }),
    ...byCursor,
  });
  const standing = itemsOf(configs.data);
  const taken = standing.find((config) => config.id === into);

  const send = useMutation({
    mutationFn: async (picked: { file: File; config: string }) => upload.send(picked.config, picked.file),
    onSuccess: (stored) => {
      if (!stored) return;
      navigate({ search: `?${new URLSearchParams({ config: stored.config_id, file: stored.id })}` });
    },
  });
  const prepare = useMutation({
    mutationFn: async (wanted: string): Promise<string> => {
      const body = { name: wanted, provider: 'file' };
      const made = await createConfig({ body, headers: once.headersOf(body) });
      void queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes('Config') });
      return made.data.id;
    },
  });
  const isBusy = prepare.isPending || send.isPending;
  const take = async (file: File) => {
    if (isBusy) return;
    takeSample.reset();
    const config = taken?.id ?? (await prepare.mutateAsync(name.trim() || file.name.replace(/\.\w+$/, '')));
    // A second try goes into what the first has made.
    if (!taken) setInto(config);
    await send.mutateAsync({ file, config });
  };
  const takeSample = useMutation({
    mutationFn: async () => {
      const answer = await fetch(people);
      if (!answer.ok) throw new TypeError(`fetch: ${answer.status}`);
      const file = new File([await answer.blob()], 'people.csv', { type: 'text/csv' });
      const wanted = t('sampleName');
      const like = (await listConfigs({ query: { name: wanted, provider: 'file', limit: 50 } })).data.items;
      const config = like.find((one: Config) => one.name === wanted)?.id ?? (await prepare.mutateAsync(wanted));
      await send.mutateAsync({ file, config });
    },
  });
  const failure = prepare.error && !takeSample.error ? failureOf(prepare.error) : null;
  const nameError = nameErrorOf(failure);
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      {sample === 'people' && (
        <Notice
          tone="info"
          className="mb-4"
          title={t('sample')}
          action={
            <Button variant="primary" isBusy={takeSample.isPending} onClick={() => takeSample.mutate()}>
              <FlaskConical aria-hidden />
              {t('sampleUse')}
            </Button>
          }
        >
          <p>{t('sampleDo')}</p>
        </Notice>
      )}
      {takeSample.error !== null && (
        <FailureNote error={takeSample.error} retry={() => takeSample.mutate()} className="mb-4" />
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <Card className="flex flex-col gap-4 p-4">
          <Field label={t('into')} hint={t('intoHint')}>
            {(control) => (
              <Select
                {...control}
                value={taken?.id ?? 'new'}
                onChange={(next) => setInto(next === 'new' ? '' : next)}
                choices={[
                  { value: 'new', label: t('intoNew') },
                  ...standing.map((config) => ({ value: config.id, label: <bdi>{config.name}</bdi> })),
                ]}
              />
            )}
          </Field>
          {configs.error !== null && <FailureNote error={configs.error} retry={() => void configs.refetch()} />}
          {!taken && (
            <Field label={t('name')} hint={t('nameHint')} {...(nameError && { error: nameError })}>
              {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}
            </Field>
          )}
        </Card>
        <div>
          <FileDrop busy={upload} onFile={take} />
          {prepare.error !== null && !nameError && !takeSample.error && (
            <FailureNote error={prepare.error} className="mt-3" />
          )}
        </div>
      </div>
    </>
  );
}

function Import({ config, file: id }: { config: string; file: string }) {
  const t = useMessages(fileImportMessages);
  const navigate = useNavigate();
  const file = useQuery(getFileOptions({ path: { id: config, file: id } }));
  const mappings = useQuery(getMappingsOptions({ path: { id: config } }));
  if (!file.data || !mappings.data) {
    const query = file.data ? mappings : file;
    return (
      <>
        <PageHeader title={t('title')} />
        {query.error ? (
          <ErrorPanel error={query.error} retry={() => void query.refetch()}>
            <Button onClick={() => navigate('/import')}>{t('another')}</Button>
          </ErrorPanel>
        ) : (
          <TableSkeleton rows={6} />
        )}
      </>
    );
  }
  return <Steps config={config} file={file.data} saved={mappings.data} />;
}

type Step = 'check' | 'mapping' | 'import';

interface Draft {
  rows: Row[];
  streams: ChosenStream[];
}

function Steps({ config, file, saved }: { config: string; file: StoredFile; saved: Mappings }) {
  const t = useMessages(fileImportMessages);
  const i = useMessages(importMessages);
  const d = useMessages(domainMessages);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [step, setStep] = useSearchState<Step>('step', 'check');
  const [run, setRun] = useSearchState('run', '');
  useFocusAtPart(run && step === 'import' ? run : step);
  const check = useFileCheck(config, file.id);
  const found = useStreams(config, file.id);
  const streams = found.data?.streams;

  const place = `import/${file.id}`;
  const kept = useIntegrationStore((state) => state.drafts[place]) as unknown as Draft | undefined;
  const change = (draft: Draft) =>
    useIntegrationStore.getState().keepDraft(place, draft as unknown as Record<string, unknown>);
  const standing = saved.items.map(rowOfMapping);
  const draft = kept ?? { rows: standing, streams: [] };
  const isFresh = kept === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as the file's streams are known
  useEffect(() => {
    if (!isFresh || !streams) return;
    const chosen = streams.map((stream) => ({
      stream: stream.name,
      entity: standing.find((row) => row.stream === stream.name)?.entity ?? guessEntity(stream),
    }));
    change({ rows: standing, streams: chosen });
  }, [isFresh, streams]);

  const [asked, setStream] = useSearchState('stream', '');
  const [work, setWork] = useState<MappingWorkState | null>(null);
  const current = draft.streams.find(({ stream }) => stream === asked) ?? draft.streams[0];
  const isEmpty = draft.streams.some(({ stream }) => !draft.rows.some((row) => row.stream === stream));
  const isKnown = standing.length > 0 && isSame(standing, draft.rows);

  const once = useOnce();
  const start = useMutation({
    mutationFn: async (isDryRun: boolean) => {
      if (!isKnown) {
        const { data } = await replaceMappings({
          path: { id: config },
          body: { mappings: draft.rows.map(lineOf) },
          headers: ifVersion(saved.version),
        });
        queries.setQueryData(getMappingsQueryKey({ path: { id: config } }), data);
        change({ rows: data.items.map(rowOfMapping), streams: draft.streams });
      }
      // What has run and is off was switched off by somebody: that is not undone in passing, and the host says so.
      const { data: now } = await getConfig({ path: { id: config } });
      if (!now.is_active && !now.last_run) await changeConfig({ path: { id: config }, body: { is_active: true } });
      const only =
        draft.streams.length === 1 && streams?.length === 1 ? { stream: draft.streams[0]?.stream ?? '' } : {};
      const body = { file_id: file.id, ...only, dry_run: isDryRun };
      return (await startSync({ path: { id: config }, body, headers: once.headersOf(body) })).data;
    },
    onSuccess: (started) => {
      once.forget();
      setStep('import');
      setRun(started.id);
    },
    // Somebody else has mapped meanwhile: told once, it is saved over theirs by whoever presses again.
    onError: () => queries.invalidateQueries({ queryKey: getMappingsQueryKey({ path: { id: config } }) }),
  });
  const waitsFor =
    draft.streams.length === 0 ? t('nothing') : isEmpty ? t('empty') : (work?.wrong ?? 0) > 0 ? t('wrong') : undefined;
  const mayStart = waitsFor === undefined && work?.isChecked !== false;
  return (
    <>
      <PageHeader title={t('titleOf', { file: file.name })}>
        <Button onClick={() => navigate('/import')}>{run ? i('again') : t('another')}</Button>
      </PageHeader>
      <Segments<Step>
        label={t('steps')}
        className="mb-4"
        value={run ? step : step === 'import' ? 'mapping' : step}
        onChange={setStep}
        choices={(['check', 'mapping', ...(run ? (['import'] as const) : [])] as const).map((value) => ({
          value,
          label: t(`step.${value}`),
        }))}
      />
      {run && step === 'import' ? (
        <Suspense fallback={<Card className="h-40" />}>
          <ImportRun run={run} name={file.name} />
        </Suspense>
      ) : step === 'check' ? (
        <div className="flex flex-col gap-4">
          <Loaded
            query={check}
            skeleton={
              <Card>
                <p role="status" className="p-4 text-muted-foreground">
                  {i('checking')}
                </p>
                <TableSkeleton rows={5} />
              </Card>
            }
          >
            {(profile) => <FileFindings profile={profile} />}
          </Loaded>
          <FirstRows config={config} file={file.id} name={file.name} />
          <div>
            <Button variant="primary" onClick={() => setStep('mapping')}>
              {t('toMapping')}
              <ChevronRight className="mirrored" aria-hidden />
            </Button>
          </div>
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          {isKnown && <Notice tone="success">{t('mapped')}</Notice>}
          <Loaded query={found} skeleton={<TableSkeleton rows={5} />}>
            {({ streams }) => (
              <>
                <Card>
                  <StreamList
                    streams={streams}
                    chosen={draft.streams}
                    onChoose={(stream, entity) =>
                      change({
                        streams: chosenWith(draft.streams, streams, stream, entity),
                        rows: draft.rows.filter((row) => row.stream !== stream || row.entity === entity),
                      })
                    }
                  />
                </Card>
                {draft.streams.length > 1 && current && (
                  <Segments
                    label={t('step.mapping')}
                    value={current.stream}
                    onChange={setStream}
                    choices={draft.streams.map(({ stream }) => ({ value: stream, label: <bdi>{stream}</bdi> }))}
                  />
                )}
                {current && (
                  <Suspense fallback={<TableSkeleton rows={8} />}>
                    <div>
                      <MappingWork
                        key={`${current.stream} ${current.entity}`}
                        config={config}
                        stream={current.stream}
                        entity={current.entity}
                        rows={draft.rows}
                        onChange={(rows) => change({ rows, streams: draft.streams })}
                        file={file.id}
                        readsFiles
                        suggests={!isKnown}
                        onState={setWork}
                      />
                    </div>
                  </Suspense>
                )}
              </>
            )}
          </Loaded>
          {start.error !== null && <FailureNote error={start.error} />}
          <div className="flex flex-wrap items-center gap-3">
            <Button onClick={() => setStep('check')}>
              <ChevronLeft className="mirrored" aria-hidden />
              {t('back')}
            </Button>
            <Button
              isBusy={start.isPending && start.variables}
              disabled={!mayStart || start.isPending}
              onClick={() => start.mutate(true)}
            >
              <ClipboardList aria-hidden />
              {i('dryRun')}
            </Button>
            <Button
              variant="primary"
              isBusy={start.isPending && !start.variables}
              disabled={!mayStart || start.isPending}
              onClick={() => start.mutate(false)}
            >
              <Play aria-hidden />
              {check.data?.is_whole ? t('startOf', { rows: d('rows', { count: check.data.rows }) }) : t('start')}
            </Button>
            <p role="status" className="basis-full text-muted-foreground">
              {waitsFor ?? i('dryRunDo')}
            </p>
          </div>
        </div>
      )}
    </>
  );
}
