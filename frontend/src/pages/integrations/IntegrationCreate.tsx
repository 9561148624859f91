import { Check, RotateCcw } from 'lucide-react';
import { type ComponentType, lazy, Suspense } from 'react';
import { Link } from 'react-router';
import { ConnectionStep } from '@/components/create/connection-step';
import { type StepName, steps, useWizard, type Wizard } from '@/components/create/draft';
import { createMessages } from '@/components/create/messages';
import { ProviderStep } from '@/components/create/provider-step';
import { integrationMessages } from '@/components/integration/messages';
import { PageHeader } from '@/components/page-header';
import { Button } from '@/components/ui/button';
import { ErrorPanel } from '@/components/ui/failure';
import { TableSkeleton } from '@/components/ui/skeleton';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFocusAtPart } from '@/lib/focus';

// Later steps come while the first are filled in.
const later = {
  test: () => import('@/components/create/test-step').then(({ TestStep }) => ({ default: TestStep })),
  streams: () => import('@/components/create/streams-step').then(({ StreamsStep }) => ({ default: StreamsStep })),
  mapping: () => import('@/components/create/mapping-step').then(({ MappingStep }) => ({ default: MappingStep })),
  preview: () => import('@/components/create/preview-step').then(({ PreviewStep }) => ({ default: PreviewStep })),
  limits: () => import('@/components/create/limits-step').then(({ LimitsStep }) => ({ default: LimitsStep })),
  on: () => import('@/components/create/on-step').then(({ OnStep }) => ({ default: OnStep })),
};

const views: Record<StepName, ComponentType<Wizard>> = {
  provider: ProviderStep,
  connection: ConnectionStep,
  test: lazy(later.test),
  streams: lazy(later.streams),
  mapping: lazy(later.mapping),
  preview: lazy(later.preview),
  limits: lazy(later.limits),
  on: lazy(later.on),
};

export function Page() {
  const t = useMessages(createMessages);
  const i = useMessages(integrationMessages);
  const { isResuming, resuming, ...wizard } = useWizard();
  const { draft, step } = wizard;
  const View = views[step];
  useFocusAtPart(step);
  return (
    <>
      <PageHeader
        title={draft.name ? t('titleOf', { name: draft.name }) : t('title')}
        description={t('description')}
        trail={[{ label: i('integrations'), to: '/integrations' }]}
      >
        {draft.provider && (
          <Button variant="ghost" onClick={wizard.beginAnew}>
            <RotateCcw className="mirrored" aria-hidden />
            {t('beginAnew')}
          </Button>
        )}
      </PageHeader>
      {isResuming ? (
        resuming ? (
          <ErrorPanel error={resuming} />
        ) : (
          <TableSkeleton rows={4} />
        )
      ) : (
        <>
          <Steps wizard={wizard} />
          <Suspense fallback={<TableSkeleton rows={4} />}>
            <View key={step} {...wizard} />
          </Suspense>
        </>
      )}
    </>
  );
}

/** The steps: those that were reached are links. */
function Steps({ wizard: { draft, step, reached } }: { wizard: Wizard }) {
  const t = useMessages(createMessages);
  const at = steps.indexOf(step);
  return (
    <nav aria-label={t('steps')} className="mb-5">
      <p className="mb-2 text-table text-muted-foreground md:hidden">
        {t('stepOf', { n: at + 1, whole: steps.length })}: {t(`step.${step}`)}
      </p>
      <ol className="flex gap-1.5">
        {steps.map((name, index) => {
          const isDone = index < at;
          const look = cn(
            'flex w-full items-center gap-2 border-t-2 border-border pt-2 text-table text-muted-foreground max-md:h-3',
            index <= at && 'border-primary',
            index === at && 'font-medium text-foreground',
          );
          const content = (
            <>
              {isDone && <Check className="size-4 shrink-0 text-primary max-md:hidden" aria-hidden />}
              <span className="truncate max-md:sr-only">{t(`step.${name}`)}</span>
            </>
          );
          return (
            <li key={name} className="min-w-0 flex-1">
              {index <= reached && index !== at ? (
                <Link
                  to={{ search: `?${new URLSearchParams({ step: name, ...(draft.id && { id: draft.id }) })}` }}
                  className={cn(look, 'rounded-sm hover:text-foreground')}
                >
                  {content}
                </Link>
              ) : (
                <span className={look} aria-current={index === at ? 'step' : undefined}>
                  {content}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
