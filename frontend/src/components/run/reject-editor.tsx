import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeReject, getReject } from '@/api/generated/sdk.gen';
import type { Mappings, Reject, Run } from '@/api/generated/types.gen';
import { failureOf, messageAt } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { ConflictDialog } from '@/components/ui/conflict-dialog';
import { Dialog } from '@/components/ui/dialog';
import { FailureNote } from '@/components/ui/failure';
import { Field } from '@/components/ui/field';
import { Input, Textarea } from '@/components/ui/input';
import { Loaded } from '@/components/ui/loaded';
import { Notice } from '@/components/ui/notice';
import { TableSkeleton } from '@/components/ui/skeleton';
import { Mono, RelativeTime } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { useMessages } from '@/i18n/messages';
import { type Draft, useIntegrationStore } from '@/store/integration';
import { Value } from './field-changes';
import { runMessages } from './messages';
import { reasonMessages, reasonOf } from './reasons';
import { sourcesOf, usePlace } from './rejects';
import type { Replay } from './replay';

type Raw = Reject['raw'];

interface EditorProps {
  run: Run;
  id: string;
  mappings: Mappings | undefined;
  replay: Replay;
  close: () => void;
}

const keyOf = (run: string, id: string) => ['reject', run, id];

/** The record's fields, the failing ones first; what is typed is kept as a draft until it is saved. */
export function RejectEditor({ run, id, mappings, replay, close }: EditorProps) {
  const t = useMessages(runMessages);
  const place = usePlace();
  const query = useQuery({
    queryKey: keyOf(run.id, id),
    queryFn: async ({ signal }) => {
      const answer = await getReject({ path: { id: run.id, reject: id }, signal });
      return { reject: answer.data, version: String(answer.headers.etag ?? '') };
    },
  });
  const reject = query.data?.reject;
  return (
    <Dialog
      shape="sheet"
      open
      onOpenChange={(open) => !open && close()}
      title={t('editor.title')}
      description={
        reject && t('editor.intro', { where: [place(reject), reject.locator.file].filter(Boolean).join(' · ') })
      }
    >
      <Loaded query={query} skeleton={<TableSkeleton rows={8} />}>
        {({ reject, version }) => (
          <Form
            key={reject.id}
            run={run}
            reject={reject}
            version={version}
            mappings={mappings}
            replay={replay}
            close={close}
            refresh={async () => {
              const { data } = await query.refetch();
              return data;
            }}
          />
        )}
      </Loaded>
    </Dialog>
  );
}

interface FormProps extends Omit<EditorProps, 'id'> {
  reject: Reject;
  version: string;
  refresh: () => Promise<{ reject: Reject; version: string } | undefined>;
}

function Form({ run, reject, version, mappings, replay, close, refresh }: FormProps) {
  const t = useMessages(runMessages);
  const queries = useQueryClient();
  const draftPlace = `reject/${reject.id}`;
  const draft = useIntegrationStore((state) => state.drafts[draftPlace]) as Raw | undefined;
  const { keepDraft, dropDraft } = useIntegrationStore.getState();
  const [theirs, setTheirs] = useState<{ reject: Reject; version: string; andReplay: boolean } | null>(null);

  const base: Raw = reject.correction?.raw ?? reject.raw;
  const values: Raw = { ...base, ...draft };
  const changed = Object.fromEntries(
    Object.entries(draft ?? {}).filter(([name, value]) => (value ?? '') !== (base[name] ?? '')),
  ) as Raw;
  const isDirty = Object.keys(changed).length > 0;
  const isWhole = Object.keys(reject.raw).every((name) => name === '');
  const isIn = reject.state === 'replayed';

  // By source field: which failures it is to blame for. Those that no field is to blame for stand above the form.
  const failures = new Map<string, Reject['errors']>();
  const homeless: Reject['errors'] = [];
  for (const error of reject.errors) {
    const [first] = sourcesOf(mappings, reject, error.field);
    if (first === undefined) homeless.push(error);
    else failures.set(first, [...(failures.get(first) ?? []), error]);
  }
  const failing = Object.keys(values).filter((name) => failures.has(name));
  const rest = Object.keys(values).filter((name) => name !== '' && !failures.has(name));

  const save = useMutation({
    mutationFn: async ({ andReplay, over }: { andReplay: boolean; over?: string }) => {
      if (isDirty) {
        await changeReject({
          path: { id: run.id, reject: reject.id },
          body: { raw: changed },
          headers: { 'If-Match': over ?? version },
        });
        dropDraft(draftPlace);
      }
      if (andReplay) await replay.startAsync({ ids: [reject.id] });
      return andReplay;
    },
    onSuccess: (andReplay) => {
      if (!andReplay) toast.done(t('editor.saved'));
      close();
    },
    onError: async (error, { andReplay }) => {
      if (failureOf(error).status !== 412) return;
      const newest = await refresh();
      if (newest) setTheirs({ ...newest, andReplay });
    },
    onSettled: () =>
      queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes(run.id) }),
  });
  const failure = save.error ? failureOf(save.error) : null;

  const field = (name: string, position: number, isFailing: boolean) => {
    const errors = failures.get(name) ?? [];
    const saying = messageAt(failure, `/raw/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    const value = values[name] ?? '';
    // By what stood there first: a control that turned into another would take the pointer from who types.
    const before = base[name] ?? '';
    const isLong = before.length > 80 || before.includes('\n');
    const Control = isLong ? Textarea : Input;
    const isTouched = (values[name] ?? '') !== (reject.raw[name] ?? '');
    return (
      <Field
        key={name}
        label={<Mono>{name}</Mono>}
        // What was wrong with the value as it came is no error of the one that is typed.
        error={saying ?? (!isTouched && errors.length > 0 && <Reasons errors={errors} />)}
        hint={
          isTouched && (
            <>
              <span className="inline-flex flex-wrap items-baseline gap-x-2">
                {reject.raw[name] ? t('editor.cameAs', { value: reject.raw[name] }) : t('editor.cameEmpty')}
                <button
                  type="button"
                  className="rounded-sm text-primary hover:underline"
                  onClick={() => write(name, reject.raw[name] ?? null)}
                >
                  {t('editor.undo')}
                </button>
              </span>
              {errors.length > 0 && <Reasons errors={errors} />}
            </>
          )
        }
      >
        {(control) => (
          <Control
            {...control}
            autoFocus={isFailing && position === 0}
            value={value}
            disabled={isIn}
            onChange={(event) => write(name, event.target.value)}
          />
        )}
      </Field>
    );
  };

  function write(name: string, value: string | null) {
    keepDraft(draftPlace, { ...draft, [name]: value } as Draft);
  }

  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ andReplay: true });
      }}
    >
      {isIn && <Notice tone="success">{t('editor.isIn')}</Notice>}
      {isDirty && <p className="text-table text-muted-foreground">{t('editor.draft')}</p>}
      {reject.correction && (
        <p className="text-table text-muted-foreground">
          {t('editor.correctedBy', { by: reject.correction.by })} · <RelativeTime at={reject.correction.at} />
        </p>
      )}
      {homeless.length > 0 && (
        <Notice tone="warning" title={t('editor.failing')}>
          <Reasons errors={homeless} />
        </Notice>
      )}
      {isWhole ? (
        <div className="flex flex-col gap-2">
          <p>{t('editor.whole')}</p>
          <pre dir="ltr" className="overflow-x-auto rounded-lg bg-muted p-3 font-mono text-xs">
            <Value value={reject.raw['']} />
          </pre>
        </div>
      ) : (
        <>
          {failing.length > 0 && (
            <fieldset className="flex flex-col gap-4 rounded-lg border border-danger/50 p-4">
              <legend className="px-1 font-medium">{t('editor.failing')}</legend>
              {failing.map((name, position) => field(name, position, true))}
            </fieldset>
          )}
          <fieldset className="grid gap-4 sm:grid-cols-2">
            <legend className="mb-3 font-medium">{t('editor.rest')}</legend>
            {rest.map((name, position) => field(name, position, false))}
          </fieldset>
        </>
      )}
      {save.error && failure?.status !== 412 && <FailureNote error={save.error} />}
      {!isIn && !isWhole && (
        <div className="sticky -bottom-4 -mx-5 -mb-4 flex flex-wrap justify-end gap-2 border-t bg-popover px-5 py-3">
          <Button
            disabled={!isDirty}
            isBusy={save.isPending && save.variables?.andReplay === false}
            onClick={() => save.mutate({ andReplay: false })}
          >
            {t('editor.save')}
          </Button>
          <Button
            type="submit"
            variant="primary"
            disabled={!isDirty && !reject.correction}
            isBusy={save.isPending && save.variables?.andReplay === true}
          >
            {t('editor.saveAndReplay')}
          </Button>
        </div>
      )}
      <ConflictDialog
        open={theirs !== null}
        onOpenChange={(open) => !open && setTheirs(null)}
        differences={Object.entries(changed)
          .filter(([name, mine]) => (theirs?.reject.correction?.raw[name] ?? '') !== (mine ?? ''))
          .map(([name, mine]) => ({
            name,
            theirs: <Value value={theirs?.reject.correction?.raw[name] ?? theirs?.reject.raw[name]} />,
            mine: <Value value={mine} />,
          }))}
        isBusy={save.isPending}
        takeTheirs={() => {
          dropDraft(draftPlace);
          save.reset();
          setTheirs(null);
        }}
        takeMine={() => {
          if (theirs) save.mutate({ andReplay: theirs.andReplay, over: theirs.version });
          setTheirs(null);
        }}
      />
    </form>
  );
}

/** What is wrong in the page's language, and the host's own words, which name the value. */
function Reasons({ errors }: { errors: Reject['errors'] }) {
  const reasons = useMessages(reasonMessages);
  return errors.map((error) => (
    <span key={`${error.field} ${error.code}`} className="block">
      <span className="font-medium">{reasonOf(reasons, error.code)?.title ?? error.code}</span>
      <span dir="ltr" lang="en" className="block in-[:dir(rtl)]:text-end">
        {error.message} {error.hint}
      </span>
    </span>
  ));
}
