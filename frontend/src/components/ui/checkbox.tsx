import { Check, Minus } from 'lucide-react';
import { Checkbox as Radix, Switch as RadixSwitch } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from '@/lib/cn';

/** Give it an `aria-label`, or an `id` that a label names. `checked="indeterminate"` where some of several are. */
export function Checkbox({ className, ...rest }: ComponentProps<typeof Radix.Root>) {
  return (
    <Radix.Root
      className={cn(
        'group flex size-4.5 shrink-0 items-center justify-center rounded-sm border border-input bg-card text-primary-foreground disabled:opacity-60 data-[state=checked]:border-primary data-[state=checked]:bg-primary data-[state=indeterminate]:border-primary data-[state=indeterminate]:bg-primary',
        className,
      )}
      {...rest}
    >
      <Radix.Indicator>
        <Check className="size-3.5 group-data-[state=indeterminate]:hidden" aria-hidden />
        <Minus className="hidden size-3.5 group-data-[state=indeterminate]:block" aria-hidden />
      </Radix.Indicator>
    </Radix.Root>
  );
}

/** For what takes effect at once; in a form with a save button take a Checkbox. */
export function Switch({ className, ...rest }: ComponentProps<typeof RadixSwitch.Root>) {
  return (
    <RadixSwitch.Root
      className={cn(
        'group inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-transparent bg-muted-foreground/70 p-0.5 transition-colors disabled:opacity-60 data-[state=checked]:bg-primary',
        className,
      )}
      {...rest}
    >
      <RadixSwitch.Thumb className="block size-4 rounded-full bg-white transition-[margin] data-[state=checked]:ms-4" />
    </RadixSwitch.Root>
  );
}
