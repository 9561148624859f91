import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { Button } from './button';
import { kitMessages } from './messages';

export const DialogTrigger = Radix.Trigger;
export const DialogClose = Radix.Close;

interface DialogProps extends Pick<ComponentProps<typeof Radix.Root>, 'open' | 'onOpenChange' | 'defaultOpen'> {
  trigger?: ReactNode;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** The buttons, the safe one first. */
  footer?: ReactNode;
  /** `sheet` comes from the end of the line, over the whole height. */
  shape?: 'dialog' | 'wide' | 'sheet';
  /** Can't be left by Escape or a press beside it. */
  isFirm?: boolean;
  role?: 'dialog' | 'alertdialog';
}

const shapes = {
  dialog: 'rises inset-x-4 top-[12vh] mx-auto max-h-[80vh] max-w-lg rounded-lg',
  wide: 'rises inset-x-4 top-[6vh] mx-auto max-h-[88vh] max-w-4xl rounded-lg',
  sheet: 'appears inset-y-0 end-0 h-dvh w-full max-w-xl border-y-0 border-e-0',
};

export function Dialog(props: DialogProps) {
  const { trigger, title, description, children, footer, shape = 'dialog', isFirm, role = 'dialog', ...root } = props;
  const t = useMessages(kitMessages);
  const stay = isFirm ? (event: Event) => event.preventDefault() : undefined;
  return (
    <Radix.Root {...root}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className="appears fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          role={role}
          className={cn('fixed z-50 flex flex-col border bg-popover text-popover-foreground shadow-xl', shapes[shape])}
          {...(stay && { onEscapeKeyDown: stay, onPointerDownOutside: stay, onInteractOutside: stay })}
          {...(!description && { 'aria-describedby': undefined })}
        >
          <header className="flex items-start gap-3 px-5 pt-5 pb-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold wrap-anywhere">{title}</Radix.Title>
              {description && (
                <Radix.Description asChild>
                  <div className="mt-1 text-muted-foreground wrap-anywhere">{description}</div>
                </Radix.Description>
              )}
            </div>
            {!isFirm && (
              <Radix.Close asChild>
                <Button variant="ghost" size="icon" className="-me-2 -mt-2" aria-label={t('close')}>
                  <X aria-hidden />
                </Button>
              </Radix.Close>
            )}
          </header>
          {children && <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-4">{children}</div>}
          {footer && <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
