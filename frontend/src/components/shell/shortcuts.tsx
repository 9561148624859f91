import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { Dialog } from '@/components/ui/dialog';
import { useMessages } from '@/i18n/messages';
import { isKey } from '@/lib/keys';
import { navigation } from '@/pages';
import { shellMessages } from './messages';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** `?` lists the shortcuts, `/` goes to the page's filter, `g` and a digit to a page. */
export function Shortcuts() {
  const t = useMessages(shellMessages);
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    let wasG = false;
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      // A dialog has keys of its own, and is left before the page is.
      if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
      const page = wasG ? navigation.find((_, index) => isKey(event, String(index + 1))) : undefined;
      wasG = isKey(event, 'g');
      if (page) navigate(page.path);
      else if (event.key === '?' || event.key === '؟') setOpen(true);
      else if (event.key === '/' || event.key === 'ظ') {
        const filter = document.querySelector<HTMLElement>('main [role="searchbox"]');
        if (!filter) return;
        event.preventDefault();
        filter.focus();
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [navigate]);
  const lines: [string, string[]][] = [
    [t('shortcut.find'), ['Ctrl', 'K']],
    [t('shortcut.filter'), ['/']],
    ...navigation.map((page, index): [string, string[]] => [
      t('shortcut.go', { page: page.nav ? t(page.nav.label) : '' }),
      ['g', String(index + 1)],
    ]),
    [t('shortcut.help'), ['?']],
  ];
  return (
    <Dialog open={isOpen} onOpenChange={setOpen} title={t('shortcuts')}>
      <dl className="flex flex-col divide-y">
        {lines.map(([name, keys]) => (
          <div key={name} className="flex items-center justify-between gap-4 py-2">
            <dt>{name}</dt>
            <dd dir="ltr" className="flex gap-1">
              {keys.map((key) => (
                <Key key={key}>{key}</Key>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export function Key({ children }: { children: string }) {
  return (
    <kbd className="rounded-sm border border-input bg-muted px-1.5 font-system text-xs text-foreground">{children}</kbd>
  );
}
