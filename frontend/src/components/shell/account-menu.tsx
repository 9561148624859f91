import { LogOut, UserRound } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Segments } from '@/components/ui/segments';
import { Bdi, Fact, Mono } from '@/components/ui/text';
import { domainMessages, roleName } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { usePreferences } from '@/store/preferences';
import { useSession } from '@/store/session';
import { shellMessages } from './messages';

/** Who is signed in, how numbers and dates are shown, and the way out. */
export function AccountMenu() {
  const t = useMessages(shellMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const holder = useSession((session) => session.holder);
  const signOut = useSession((session) => session.signOut);
  const { language, digits, calendar, set } = usePreferences();
  if (!holder) return null;
  return (
    <Dialog
      shape="sheet"
      title={t('account')}
      trigger={
        <Button variant="ghost" size="icon" className="rounded-full bg-muted" aria-label={t('account')}>
          <UserRound aria-hidden />
        </Button>
      }
      footer={
        <Button onClick={signOut}>
          <LogOut className="mirrored" aria-hidden />
          {t('signOut')}
        </Button>
      }
    >
      <div className="flex flex-col gap-6">
        <dl className="flex flex-col gap-3">
          <Fact name={t('person')}>
            <Bdi>{holder.subject}</Bdi>
          </Fact>
          <Fact name={t('role')}>{roleName(d, holder.role)}</Fact>
          <Fact name={t('tenant')}>
            <Mono>{holder.tenant}</Mono>
          </Fact>
          <Fact name={t('until')}>{format.time(holder.expires)}</Fact>
        </dl>
        {language === 'ar' && (
          <Choice label={t('digits')}>
            <Segments
              label={t('digits')}
              value={digits}
              choices={[
                { value: 'latn', label: '123' },
                { value: 'arab', label: '١٢٣' },
              ]}
              onChange={(value) => set({ digits: value })}
            />
          </Choice>
        )}
        <Choice label={t('calendar')}>
          <Segments
            label={t('calendar')}
            value={calendar}
            choices={[
              { value: 'gregorian', label: t('calendar.gregorian') },
              { value: 'both', label: t('calendar.both') },
            ]}
            onChange={(value) => set({ calendar: value })}
          />
        </Choice>
      </div>
    </Dialog>
  );
}

function Choice({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <span aria-hidden className="text-table text-muted-foreground">
        {label}
      </span>
      {children}
    </div>
  );
}
