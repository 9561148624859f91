import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, RotateCcw, Sparkles } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ifVersion } from '@/api/client';
import {
  getConfigOptions,
  getMappingsOptions,
  getMappingsQueryKey,
  listFilesOptions,
  listRejectsOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { replaceMappings } from '@/api/generated/sdk.gen';
import type { Config, Mappings, File as StoredFile } from '@/api/generated/types.gen';
import { failureOf } from '@/api/problem';
import { useUpload } from '@/components/import/upload';
import { IntegrationHeader } from '@/components/integration/integration-header';
import { MappingWork, type MappingWorkState, type RejectedRows } from '@/components/mapping/mapping-work';
import { mappingMessages } from '@/components/mapping/messages';
import { differencesOf, isSame, lineOf, type Row, rowOfMapping } from '@/components/mapping/rows';
import { type Entity, entities } from '@/components/mapping/targets';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { ConflictDialog } from '@/components/ui/conflict-dialog';
import { FailureNote } from '@/components/ui/failure';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Loaded } from '@/components/ui/loaded';
import { Notice } from '@/components/ui/notice';
import { Segments } from '@/components/ui/segments';
import { Select } from '@/components/ui/select';
import { TableSkeleton } from '@/components/ui/skeleton';
import { Bdi, Mono, RelativeTime } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { UnsavedGuard } from '@/components/ui/unsaved-guard';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { isKey } from '@/lib/keys';
import { useSearchState } from '@/lib/search-state';
import { stands } from '@/pages';
import { useIntegrationStore } from '@/store/integration';
import { mappingsPageMessages } from './IntegrationMappings.messages';

// Needed only where no file stands yet.
const FileDrop = lazy(() => import('@/components/import/file-drop').then(({ FileDrop }) => ({ default: FileDrop })));

export function Page() {
  const { id = '' } = useParams();
  const config = useQuery(getConfigOptions({ path: { id } }));
  const mappings = useQuery(getMappingsOptions({ path: { id } }));
  const files = useQuery(listFilesOptions({ path: { id }, query: { limit: 1 } }));
  if (!config.data || !mappings.data || files.isPending) {
    const query = config.data ? (mappings.data ? files : mappings) : config;
    return (
      <>
        <IntegrationHeader id={id} />
        <Loaded<unknown>
          query={query}
          skeleton={
            <Card>
              <TableSkeleton rows={8} />
            </Card>
          }
        >
          {() => null}
        </Loaded>
      </>
    );
  }
  return (
    <Editor
      // Another integration begins anew.
      key={id}
      config={config.data}
      saved={mappings.data}
      newest={files.data?.items[0]}
    />
  );
}

interface Draft {
  rows: Row[];
  version: number;
}

interface EditorProps {
  config: Config;
  saved: Mappings;
  newest: StoredFile | undefined;
}

function Editor({ config, saved, newest }: EditorProps) {
  const t = useMessages(mappingsPageMessages);
  const m = useMessages(mappingMessages);
  const d = useMessages(domainMessages);
  const place = `mappings/${config.id}`;
  const draft = useIntegrationStore((state) => state.drafts[place]) as Draft | undefined;
  const keepDraft = useIntegrationStore((state) => state.keepDraft);
  const dropDraft = useIntegrationStore((state) => state.dropDraft);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const standing = useMemo(() => saved.items.map(rowOfMapping), [saved]);
  const rows = draft?.rows ?? standing;
  const isDirty = draft !== undefined && !isSame(draft.rows, standing);
  const [wasKept] = useState(isDirty);
  const [conflict, setConflict] = useState<Mappings | null>(null);
  const [work, setWork] = useState<MappingWorkState | null>(null);
  const [suggests, setSuggests] = useSearchState<'yes' | 'no'>('suggest', saved.items.length === 0 ? 'yes' : 'no');
  const upload = useUpload();
  const [own, setOwn] = useState<StoredFile | null>(null);
  const file = own ?? newest;
  const readsFiles = config.provider === 'file';

  const change = (next: Row[]) => {
    if (isSame(next, standing)) dropDraft(place);
    else keepDraft(place, { rows: next, version: draft?.version ?? saved.version });
  };

  const streams = useMemo(() => {
    const seen = new Map<string, { stream: string; entity: Entity }>();
    for (const row of rows) seen.set(`${row.entity} ${row.stream}`, { stream: row.stream, entity: row.entity });
    return [...seen.entries()].map(([key, value]) => ({ key, ...value }));
  }, [rows]);
  const [chosen, setChosen] = useSearchState('stream', '');
  const [begun, setBegun] = useState<{ stream: string; entity: Entity } | null>(null);
  const current = streams.find(({ key }) => key === chosen) ?? streams[0] ?? begun;

  const lastRun = config.last_run;
  const hasRejects = current !== null && current !== undefined && (lastRun?.counts.rejected ?? 0) > 0;
  const rejected = useQuery({
    ...listRejectsOptions({ path: { id: lastRun?.id ?? '' }, query: { limit: 200, state: 'open' } }),
    enabled: hasRejects,
  });
  const rejects = useMemo<RejectedRows | undefined>(() => {
    const items = rejected.data?.items.filter(
      (reject) => reject.entity === current?.entity && !('' in reject.raw) && Object.keys(reject.raw).length > 0,
    );
    if (!items || items.length === 0) return undefined;
    return {
      rows: items.map((reject) => reject.correction?.raw ?? reject.raw),
      places: items.map(({ locator }) => locator.line ?? locator.row ?? locator.index ?? locator.byte_offset ?? 0),
    };
  }, [rejected.data, current?.entity]);

  const save = useMutation({
    mutationFn: async ({ version, rows }: { version: number; rows: readonly Row[] }) =>
      (
        await replaceMappings({
          path: { id: config.id },
          body: { mappings: rows.map(lineOf) },
          headers: ifVersion(version),
        })
      ).data,
    onSuccess: async (kept, { rows: sent }) => {
      queries.setQueryData(getMappingsQueryKey({ path: { id: config.id } }), kept);
      const newest = useIntegrationStore.getState().drafts[place] as Draft | undefined;
      // What was typed since is not saved yet.
      if (!newest || isSame(newest.rows, sent)) dropDraft(place);
      else keepDraft(place, { rows: newest.rows, version: kept.version });
      setConflict(null);
      const run = hasRejects && lastRun && stands('/runs/:id') ? lastRun : null;
      toast.done(t('saved'), run ? { label: t('replay'), act: () => navigate(`/runs/${run.id}`) } : undefined);
    },
    onError: async (error) => {
      if (failureOf(error).status !== 412) return;
      setConflict(await queries.fetchQuery({ ...getMappingsOptions({ path: { id: config.id } }), staleTime: 0 }));
    },
  });
  const maySave = isDirty && (work?.wrong ?? 0) === 0;
  const saveAll = () => save.mutate({ version: draft?.version ?? saved.version, rows });
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && isKey(event, 's')) {
        event.preventDefault();
        if (maySave && !save.isPending) saveAll();
      }
    };
    window.addEventListener('keydown', keys);
    return () => window.removeEventListener('keydown', keys);
  });

  const before = rejects?.rows.length;
  const saveText =
    before !== undefined && isDirty && work?.stillRejected !== undefined && work.stillRejected !== before
      ? t('saveRejects', { before, after: work.stillRejected })
      : t('save');
  return (
    <>
      <IntegrationHeader id={config.id}>
        {isDirty && (
          <Button variant="ghost" onClick={() => dropDraft(place)}>
            <RotateCcw className="mirrored" aria-hidden />
            {t('reset')}
          </Button>
        )}
        {current && (suggests === 'yes' || (work?.suggestions ?? 0) > 0) && (
          <Button aria-expanded={suggests === 'yes'} onClick={() => setSuggests(suggests === 'yes' ? 'no' : 'yes')}>
            <Sparkles aria-hidden />
            {m('suggestions', { count: work?.suggestions ?? 0 })}
          </Button>
        )}
        <Button variant="primary" isBusy={save.isPending} disabled={!maySave} onClick={saveAll}>
          <Check aria-hidden />
          {saveText}
        </Button>
      </IntegrationHeader>
      <UnsavedGuard when={isDirty} />
      {wasKept && isDirty && (
        <Notice className="mb-4" title={t('draft')}>
          <p>{t('draftDo')}</p>
        </Notice>
      )}
      {save.error !== null && failureOf(save.error).status !== 412 && (
        <FailureNote error={save.error} className="mb-4" />
      )}
      {readsFiles && !file && (
        <Suspense fallback={<Card className="mb-4 h-44" />}>
          <FileDrop
            className="mb-4"
            busy={upload}
            onFile={async (picked) => setOwn(await upload.send(config.id, picked))}
          />
        </Suspense>
      )}
      {streams.length > 1 && current && (
        <Segments
          label={t('streams')}
          className="mb-3"
          value={`${current.entity} ${current.stream}`}
          onChange={setChosen}
          choices={streams.map(({ key, stream, entity }) => ({
            value: key,
            label: t('stream', { stream, entity: d(`entity.${entity}`) }),
          }))}
        />
      )}
      {current ? (
        <MappingWork
          key={`${current.entity} ${current.stream}`}
          config={config.id}
          stream={current.stream}
          entity={current.entity}
          rows={rows}
          onChange={change}
          file={readsFiles ? file?.id : undefined}
          readsFiles={readsFiles}
          rejects={rejects}
          suggests={suggests === 'yes'}
          onState={setWork}
        />
      ) : (
        <FirstStream proposed={file?.name ?? ''} onBegin={setBegun} />
      )}
      <p className="mt-3 flex flex-wrap gap-x-4 text-table text-muted-foreground">
        <span>{saved.version > 0 ? t('version', { version: saved.version }) : t('never')}</span>
        {(work?.wrong ?? 0) > 0 && <span className="text-danger">{m('problems', { count: work?.wrong ?? 0 })}</span>}
        {readsFiles && file && (
          <span>
            {t('file')} <Bdi>{file.name}</Bdi> · <RelativeTime at={file.created_at} /> · {t('fileHint')}
          </span>
        )}
      </p>
      <ConflictDialog
        open={conflict !== null}
        onOpenChange={(isOpen) => !isOpen && setConflict(null)}
        differences={(conflict ? differencesOf(conflict.items.map(rowOfMapping), rows) : []).map((difference) => ({
          name: difference.name,
          theirs: <Mono>{difference.theirs}</Mono>,
          mine: <Mono>{difference.mine}</Mono>,
        }))}
        takeTheirs={() => {
          dropDraft(place);
          setConflict(null);
        }}
        takeMine={() => conflict && save.mutate({ version: conflict.version, rows })}
        isBusy={save.isPending}
      />
    </>
  );
}

/** Where nothing is mapped yet: which stream, and what it becomes. */
function FirstStream({
  proposed,
  onBegin,
}: {
  proposed: string;
  onBegin: (first: { stream: string; entity: Entity }) => void;
}) {
  const t = useMessages(mappingsPageMessages);
  const d = useMessages(domainMessages);
  const [stream, setStream] = useState(proposed);
  const [entity, setEntity] = useState<Entity>('users');
  return (
    <Card className="p-4">
      <form
        className="grid max-w-2xl gap-4 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (stream.trim()) onBegin({ stream: stream.trim(), entity });
        }}
      >
        <Field label={t('newStream')} hint={t('newStreamHint')} isRequired>
          {(control) => (
            <Input {...control} value={stream} onChange={(event) => setStream(event.target.value)} required />
          )}
        </Field>
        <Field label={t('entity')}>
          {(control) => (
            <Select
              {...control}
              value={entity}
              onChange={setEntity}
              choices={entities.map((value) => ({ value, label: d(`entity.${value}`) }))}
            />
          )}
        </Field>
        <div>
          <Button type="submit" variant="primary" disabled={!stream.trim()}>
            {t('begin')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
