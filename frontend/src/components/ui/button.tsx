import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from '@/lib/cn';

const look = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg text-sm font-medium whitespace-nowrap transition-colors disabled:pointer-events-none disabled:opacity-60 aria-disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-primary text-primary-foreground hover:bg-primary/90',
        outline: 'border border-input bg-card text-foreground hover:bg-accent',
        ghost: 'text-muted-foreground hover:bg-accent hover:text-foreground',
        danger: 'border border-danger/60 bg-card text-danger hover:bg-danger-soft',
        destructive: 'bg-danger text-danger-foreground hover:bg-danger/90',
        link: 'h-auto rounded-sm p-0 text-primary underline-offset-4 hover:underline',
      },
      size: {
        default: 'h-9 px-3.5',
        sm: 'h-8 px-2.5 text-table',
        icon: 'size-9',
        inline: 'h-auto p-0',
      },
    },
    defaultVariants: { variant: 'outline', size: 'default' },
  },
);

interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof look> {
  /** Gives the look to the one child, a link say. */
  asChild?: boolean;
  /** Shows that its work goes on, and takes no second press. */
  isBusy?: boolean;
}

export function Button({ variant, size, asChild, isBusy, className, children, disabled, ...rest }: ButtonProps) {
  const classes = cn(look({ variant, size: variant === 'link' ? 'inline' : size }), className);
  if (asChild) {
    return (
      <Slot.Root className={classes} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" className={classes} disabled={disabled || isBusy} aria-busy={isBusy || undefined} {...rest}>
      {isBusy && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
    </button>
  );
}
