import { useId } from 'react';
import type { Config } from '@/api/generated/types.gen';
import type { Failure } from '@/api/problem';
import { messageAt } from '@/api/problem';
import { Card, CardHeader } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { westernDigits } from '@/lib/format';
import { integrationMessages } from './messages';
import {
  allowed,
  type GuardedKind,
  guardedKinds,
  guardOf,
  type Leavers,
  leaversOf,
  type Policy,
  withGuard,
  withLeavers,
} from './policy';

interface GuardFormProps {
  policy: Policy;
  onChange: (policy: Policy) => void;
  owned: Config['owned'];
  failure: Failure | null;
}

const toNumber = (text: string): number => Number(westernDigits(text).replace(/\D/g, '').slice(0, 9));

/** How many people a run may hit by itself, beside today's population, and what happens to who is no longer exported. */
export function GuardForm({ policy, onChange, owned, failure }: GuardFormProps) {
  const t = useMessages(integrationMessages);
  const id = useId();
  const guard = guardOf(policy);
  const leavers = leaversOf(policy);
  const set = (kind: GuardedKind, name: 'percent' | 'absolute', text: string) =>
    onChange(withGuard(policy, { ...guard, [kind]: { ...guard[kind], [name]: toNumber(text) } }));
  return (
    <div className="flex flex-col gap-4">
      <Card>
        <CardHeader title={t('guard')} description={t('guardDo')} />
        <div className="flex flex-col border-t">
          {guardedKinds.map((kind) => (
            <fieldset
              key={kind}
              className="grid gap-x-4 gap-y-2 border-b px-4 py-3 last:border-b-0 sm:grid-cols-[1fr_8rem_10rem]"
            >
              <legend className="contents">
                <span className="font-medium sm:pt-7">
                  {t(`kind.${kind}`)}
                  <Means kind={kind} policy={policy} owned={owned} />
                </span>
              </legend>
              {(['percent', 'absolute'] as const).map((name) => {
                const error = messageAt(failure, `/policy/guard/${kind}/${name}`);
                return (
                  <Field
                    key={name}
                    label={
                      <span className="text-table font-normal">{t(name === 'percent' ? 'percentOf' : 'atLeast')}</span>
                    }
                    {...(error && { error })}
                  >
                    {(control) => (
                      <Input
                        {...control}
                        dir="ltr"
                        inputMode="numeric"
                        value={String(guard[kind][name])}
                        onChange={(event) => set(kind, name, event.target.value)}
                      />
                    )}
                  </Field>
                );
              })}
            </fieldset>
          ))}
          <div className="grid gap-4 border-t px-4 py-3 sm:grid-cols-3">
            {(['shrink_percent', 'minimum_population', 'window_hours'] as const).map((name) => {
              const error = messageAt(failure, `/policy/guard/${name}`);
              return (
                <Field key={name} label={t(`guard.${name}`)} {...(error && { error })}>
                  {(control) => (
                    <Input
                      {...control}
                      dir="ltr"
                      inputMode="numeric"
                      className="max-w-32"
                      value={String(guard[name])}
                      onChange={(event) =>
                        onChange(withGuard(policy, { ...guard, [name]: toNumber(event.target.value) }))
                      }
                    />
                  )}
                </Field>
              );
            })}
          </div>
        </div>
      </Card>
      <Card>
        <CardHeader title={t('leavers')} id={id} />
        <div role="radiogroup" aria-labelledby={id} className="border-t">
          {(['ignore', 'suspend'] as const).map((action: Leavers) => (
            <label
              key={action}
              className={cn(
                'flex cursor-pointer items-start gap-3 border-b px-4 py-3 last:border-b-0',
                leavers === action && 'bg-muted/60',
              )}
            >
              <input
                type="radio"
                name={id}
                checked={leavers === action}
                onChange={() => onChange(withLeavers(policy, action))}
                className="mt-1 size-4 accent-primary"
              />
              <span>
                <span className="font-medium">{t(`leavers.${action}`)}</span>
                <span className="block text-table text-muted-foreground">{t(`leavers.${action}.do`)}</span>
              </span>
            </label>
          ))}
        </div>
      </Card>
    </div>
  );
}

/** A limit in people of today: "5 % of 1,204 people = 60 today". */
function Means({ kind, policy, owned }: { kind: GuardedKind; policy: Policy; owned: Config['owned'] }) {
  const t = useMessages(integrationMessages);
  const d = useMessages(domainMessages);
  const guard = guardOf(policy);
  const population = kind === 'unenrol' ? owned.enrollments : owned.users;
  const unit = kind === 'unenrol' ? 'enrolments' : 'people';
  const most = allowed(guard[kind], population, guard.minimum_population);
  return (
    <span className="block text-table font-normal text-muted-foreground">
      {most === null
        ? t('meansNone')
        : population === 0
          ? t('meansEmpty')
          : t('meansLimit', {
              percent: guard[kind].percent,
              population: d(unit, { count: population }),
              people: d(unit, { count: most }),
            })}
    </span>
  );
}
