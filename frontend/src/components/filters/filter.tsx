import { type Choice, Select } from '@/components/ui/select';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { filterMessages } from './messages';
import { type Since, sinces } from './since';

interface FilterProps<V extends string> {
  label: string;
  value: V;
  choices: readonly Choice<V>[];
  onChange: (value: V) => void;
  /** How wide beside others; on a phone they share the lines. */
  className?: string;
}

export function Filter<V extends string>({ label, className, ...select }: FilterProps<V>) {
  return (
    <Select aria-label={label} className={cn('min-w-0 flex-1 basis-36 sm:w-44 sm:flex-none', className)} {...select} />
  );
}

export function SinceFilter({ value, onChange }: { value: Since; onChange: (value: Since) => void }) {
  const t = useMessages(filterMessages);
  return (
    <Filter
      label={t('since')}
      value={value}
      onChange={onChange}
      choices={sinces.map((since) => ({ value: since, label: t(`since.${since}`) }))}
    />
  );
}
