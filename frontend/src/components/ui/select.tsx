import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { cn } from '@/lib/cn';
import { nonce } from '@/lib/nonce';

export interface Choice<V extends string = string> {
  value: V;
  label: ReactNode;
  isDisabled?: boolean;
}

interface SelectProps<V extends string> {
  value: V | undefined;
  choices: readonly Choice<V>[];
  onChange: (value: V) => void;
  placeholder?: string;
  disabled?: boolean;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
  'aria-required'?: true;
  className?: string;
}

/** One of a few. For many, or with typing, take a Combobox of your own over `Command`. */
export function Select<V extends string>({
  value,
  choices,
  onChange,
  placeholder,
  disabled,
  className,
  ...rest
}: SelectProps<V>) {
  const [isOpen, setOpen] = useState(false);
  // Closed it needs but the one that it shows: three hundred mappings have three hundred choices each, twice.
  const listed = isOpen ? choices : choices.filter((choice) => choice.value === value);
  return (
    <Radix.Root
      open={isOpen}
      onOpenChange={setOpen}
      value={value ?? ''}
      onValueChange={(next) => onChange(next as V)}
      {...(disabled && { disabled })}
    >
      <Radix.Trigger
        className={cn(
          'flex h-9 w-full min-w-0 items-center justify-between gap-2 rounded-lg border border-input bg-card px-3 text-start text-sm aria-invalid:border-danger disabled:opacity-60 data-placeholder:text-muted-foreground',
          className,
        )}
        {...rest}
      >
        {/* A name that runs the other way is cut at its own end, and stands where the line begins. */}
        <span className="min-w-0 truncate [&_bdi]:block [&_bdi]:w-fit [&_bdi]:max-w-full [&_bdi]:truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon>
          <ChevronDown className="size-4 text-muted-foreground" aria-hidden />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="rises z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-lg border bg-popover text-popover-foreground shadow-lg"
        >
          <Radix.Viewport nonce={nonce} className="p-1">
            {listed.map((choice) => (
              <Radix.Item
                key={choice.value}
                value={choice.value}
                {...(choice.isDisabled && { disabled: true })}
                className="flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-disabled:opacity-60 data-highlighted:bg-accent"
              >
                <Radix.ItemText>{choice.label}</Radix.ItemText>
                <Radix.ItemIndicator className="ms-auto">
                  <Check className="size-4" aria-hidden />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
