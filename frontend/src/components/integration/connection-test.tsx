import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, PlugZap } from 'lucide-react';
import { testConnection } from '@/api/generated/sdk.gen';
import type { ConnectionReport } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { FailureNote } from '@/components/ui/failure';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { integrationMessages } from './messages';

const known = ['dns', 'tcp', 'tls', 'auth', 'permission', 'sample', 'clock_skew'] as const;

/** Asks a connection to show that it works; keep the mutation where its result is needed. */
export function useConnectionTest(config: string, file?: string) {
  return useMutation({
    mutationFn: async () =>
      (await testConnection({ path: { id: config }, body: file ? { file_id: file } : {}, timeout: 120_000 })).data,
  });
}

/** A connection's test: each step with its time, and where one fails why and what to do. */
export function ConnectionTest({ test }: { test: ReturnType<typeof useConnectionTest> }) {
  const t = useMessages(integrationMessages);
  return (
    <Card>
      <CardHeader title={t('test')} description={t('testDo')}>
        <Button isBusy={test.isPending} onClick={() => test.mutate()}>
          <PlugZap aria-hidden />
          {test.data || test.error ? t('testAgain') : t('testNow')}
        </Button>
      </CardHeader>
      <div role="status">
        {test.isPending && (
          <p className="flex items-center gap-2 border-t px-4 py-3 text-muted-foreground">
            <LoaderCircle className="size-4 animate-spin" aria-hidden /> {t('testing')}
          </p>
        )}
        {test.data && !test.isPending && <Report report={test.data} />}
      </div>
      {test.error !== null && !test.isPending && <FailureNote error={test.error} className="m-4 mt-0" />}
    </Card>
  );
}

function Report({ report }: { report: ConnectionReport }) {
  const t = useMessages(integrationMessages);
  const format = useFormats();
  return (
    <>
      <p className={cn('border-t px-4 py-2.5 font-medium', report.ok ? 'text-success' : 'bg-danger-soft text-danger')}>
        {t(report.ok ? 'testGood' : 'testBad')}
      </p>
      <ol className="border-t">
        {report.steps.map((step) => {
          const name = known.find((item) => item === step.name);
          const look = step.skipped
            ? { Icon: CircleDashed, tone: 'text-muted-foreground', word: t('stepSkipped') }
            : step.ok
              ? { Icon: CircleCheck, tone: 'text-success', word: t('stepGood') }
              : { Icon: CircleX, tone: 'text-danger', word: t('stepBad') };
          return (
            <li key={step.name} className="flex gap-3 border-b px-4 py-2.5 last:border-b-0">
              <look.Icon className={cn('mt-0.5 size-4.5 shrink-0', look.tone)} aria-hidden />
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <span className="font-medium">{name ? t(`step.${name}`) : <bdi>{step.name}</bdi>}</span>
                  <span className={cn('text-table', look.tone)}>{look.word}</span>
                  {!step.skipped && (
                    <span className="text-table text-muted-foreground">{format.duration(step.ms)}</span>
                  )}
                </p>
                {step.message && (
                  <p
                    dir="ltr"
                    lang="en"
                    className="text-table break-words text-muted-foreground in-[:dir(rtl)]:text-end"
                  >
                    {step.message}
                  </p>
                )}
                {step.hint && (
                  <p dir="ltr" lang="en" className="text-table break-words in-[:dir(rtl)]:text-end">
                    {step.hint}
                  </p>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}
