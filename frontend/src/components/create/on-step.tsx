import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ClipboardList, Play, Power } from 'lucide-react';
import { Link, useNavigate } from 'react-router';
import { useOnce } from '@/api/client';
import { changeConfig, startSync } from '@/api/generated/sdk.gen';
import { ImportRun } from '@/components/import/import-run';
import { importMessages } from '@/components/import/messages';
import { integrationMessages } from '@/components/integration/messages';
import { guardOf, leaversOf } from '@/components/integration/policy';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { Bdi, Fact } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { useSearchState } from '@/lib/search-state';
import { stands } from '@/pages';
import { dropCreateDraft, type Wizard } from './draft';
import { createMessages } from './messages';
import { StepFrame } from './step-frame';

export function OnStep({ draft, change, go, beginAnew }: Wizard) {
  const t = useMessages(createMessages);
  const d = useMessages(domainMessages);
  const i = useMessages(integrationMessages);
  const m = useMessages(importMessages);
  const format = useFormats();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [run, setRun] = useSearchState('run', '');
  const once = useOnce();
  const isListed = () =>
    queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes('Config') });
  const switchOn = () => changeConfig({ path: { id: draft.id }, body: { is_active: true } });
  const start = useMutation({
    mutationFn: async (isDryRun: boolean) => {
      await switchOn();
      const body = { ...(draft.file && { file_id: draft.file.id }), dry_run: isDryRun };
      return (await startSync({ path: { id: draft.id }, body, headers: once.headersOf(body) })).data;
    },
    onSuccess: async ({ id }) => {
      setRun(id);
      change({ isOver: true });
      await isListed();
    },
  });
  const only = useMutation({
    mutationFn: switchOn,
    onSuccess: async () => {
      toast.done(t('on.done', { name: draft.name }));
      dropCreateDraft();
      navigate('/integrations');
      await isListed();
    },
  });
  if (run) {
    return (
      <ImportRun run={run} name={draft.file?.name ?? draft.name}>
        {stands('/integrations/:id/mappings') && (
          <Button asChild>
            <Link to={`/integrations/${draft.id}/mappings`}>{t('on.toMappings')}</Link>
          </Button>
        )}
        <Button asChild>
          <Link to="/integrations" onClick={dropCreateDraft}>
            {t('on.toList')}
          </Link>
        </Button>
        <Button variant="ghost" onClick={beginAnew}>
          {t('on.another')}
        </Button>
      </ImportRun>
    );
  }
  const limit = guardOf(draft.policy).deactivate;
  const isBusy = start.isPending || only.isPending;
  return (
    <StepFrame onBack={() => go('limits')} error={start.error ?? only.error}>
      <Card>
        <CardHeader title={draft.file ? t('on.titleFile', { file: draft.file.name }) : t('on.title')} />
        <dl className="grid gap-4 px-4 pb-4 sm:grid-cols-2 lg:grid-cols-4">
          <Fact name={t('on.reads')}>
            {draft.streams.map(({ stream, entity }) => (
              <span key={stream} className="block">
                <Bdi>{stream}</Bdi> ({d(`entity.${entity}`)})
              </span>
            ))}
          </Fact>
          <Fact name={t('on.fields')}>{d('fields', { count: draft.rows.length })}</Fact>
          <Fact name={t('on.limit')}>
            {limit.percent >= 100
              ? i('meansNone')
              : `${format.percent(limit.percent / 100)} · ${d('people', { count: limit.absolute })}`}
          </Fact>
          <Fact name={t('on.leavers')}>{i(`leavers.${leaversOf(draft.policy)}`)}</Fact>
        </dl>
        <div className="flex flex-wrap gap-2 border-t p-4">
          <p className="basis-full text-muted-foreground">{m('dryRunDo')}</p>
          <Button
            variant="primary"
            isBusy={start.isPending && start.variables}
            disabled={isBusy}
            onClick={() => start.mutate(true)}
          >
            <ClipboardList aria-hidden />
            {t('on.dryRun')}
          </Button>
          <Button isBusy={start.isPending && !start.variables} disabled={isBusy} onClick={() => start.mutate(false)}>
            <Play aria-hidden />
            {draft.file ? t('on.import', { file: draft.file.name }) : t('on.start')}
          </Button>
          <Button isBusy={only.isPending} disabled={isBusy} onClick={() => only.mutate()}>
            <Power aria-hidden />
            {t('on.only')}
          </Button>
        </div>
      </Card>
    </StepFrame>
  );
}
