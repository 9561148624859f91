import { ArrowRight, CircleCheck, CircleDashed, CirclePause, CircleSlash, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { RecordedChange } from '@/api/generated/types.gen';
import { State, type Tone } from '@/components/ui/state';
import { Bdi, Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { runMessages } from './messages';
import { statusText } from './verdicts';

type Field = RecordedChange['fields'][number];

const shownAtFirst = 3;

/** Of a new row the fields that tell who it is; of others those that change. */
const telling = ['display_name', 'title', 'email', 'status', 'code', 'first_name', 'last_name'];

function byWeight(fields: readonly Field[], isNew: boolean): Field[] {
  if (!isNew) return [...fields];
  const weight = (field: Field) => {
    const place = telling.indexOf(field.name);
    return place < 0 ? telling.length : place;
  };
  return [...fields].sort((a, b) => weight(a) - weight(b));
}

/** A name that the fields themselves tell: of a new row nearly always. */
export function nameIn(fields: readonly Field[]): string | undefined {
  const value = (name: string) => {
    const found = fields.find((field) => field.name === name);
    const text = found?.after ?? found?.before;
    return typeof text === 'string' && text !== '' ? text : undefined;
  };
  const whole = [value('first_name'), value('last_name')].filter(Boolean).join(' ');
  return value('display_name') ?? value('title') ?? (whole || value('email'));
}

/** What becomes of a row, field by field: before → after. The first three, and the rest when asked for. */
export function FieldChanges({ fields, isNew = false }: { fields: readonly Field[]; isNew?: boolean }) {
  const t = useMessages(runMessages);
  const [isWhole, setWhole] = useState(false);
  const sorted = byWeight(fields, isNew);
  const shown = isWhole ? sorted : sorted.slice(0, shownAtFirst);
  const rest = sorted.length - shown.length;
  return (
    <div className="flex min-w-0 flex-col gap-1 card-rows:items-end">
      {shown.map((field) => (
        <div key={field.name} className="flex min-w-0 flex-wrap items-center gap-x-2 card-rows:justify-end">
          <Mono className="text-muted-foreground">{field.name}</Mono>
          <span className="inline-flex min-w-0 flex-wrap items-center gap-x-1.5 card-rows:justify-end">
            {!isNew && (
              <>
                <FieldValue name={field.name} value={field.before} className="text-muted-foreground" />
                <ArrowRight className="mirrored size-3 shrink-0" aria-label={t('becomes')} role="img" />
              </>
            )}
            <FieldValue name={field.name} value={field.after} className="font-medium" />
          </span>
        </div>
      ))}
      {(rest > 0 || isWhole) && sorted.length > shownAtFirst && (
        <button
          type="button"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
          className="w-fit rounded-sm text-primary hover:underline"
        >
          {isWhole ? t('lessFields') : t('moreFields', { count: rest })}
        </button>
      )}
    </div>
  );
}

const looks: Record<string, { tone: Tone; icon: LucideIcon }> = {
  active: { tone: 'success', icon: CircleCheck },
  enrolled: { tone: 'success', icon: CircleCheck },
  in_progress: { tone: 'info', icon: CircleDashed },
  completed: { tone: 'success', icon: CircleCheck },
  on_leave: { tone: 'info', icon: CirclePause },
  suspended: { tone: 'held', icon: CirclePause },
};

/** A status by icon, word and colour; anything else as text. */
function FieldValue({ name, value, className }: { name: string; value: unknown; className: string }) {
  const t = useMessages(runMessages);
  if (name !== 'status' || typeof value !== 'string' || value === '')
    return <Value value={value} className={className} />;
  const look = looks[value] ?? { tone: 'muted' as const, icon: CircleSlash };
  return (
    <State tone={look.tone} icon={look.icon}>
      {statusText(t, value)}
    </State>
  );
}

/** A value of any kind as text; an absent one is told from an empty one. */
export function Value({ value, className }: { value: unknown; className?: string }) {
  const t = useMessages(runMessages);
  if (value === null || value === undefined || value === '') {
    return <span className={cn('italic text-muted-foreground', className)}>{t('nothing')}</span>;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <Bdi
      // Where the room is short a long one breaks anywhere, a short one nowhere.
      className={cn('min-w-0', text.length > 40 ? 'inline-block min-w-40 wrap-anywhere' : 'break-words', className)}
      title={text.length > 200 ? text : undefined}
    >
      {text.length > 200 ? `${text.slice(0, 200)}…` : text}
    </Bdi>
  );
}
