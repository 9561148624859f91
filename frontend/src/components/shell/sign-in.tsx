import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { useMessages } from '@/i18n/messages';
import { useSession } from '@/store/session';
import { LanguageSwitcher } from './language-switcher';
import { Mark } from './mark';
import { shellMessages } from './messages';
import { SignInForm } from './sign-in-form';
import { ThemeSwitcher } from './theme-switcher';

/** The whole page while nobody is signed in. */
export function SignInPage() {
  const t = useMessages(shellMessages);
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex justify-end gap-1 p-3">
        <LanguageSwitcher />
        <ThemeSwitcher />
      </header>
      <main className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center gap-6 px-4 pb-24">
        <Mark />
        <div>
          <h1 className="text-xl font-semibold">{t('signIn.title')}</h1>
          <p className="mt-1 text-muted-foreground">{t('signIn.intro')}</p>
        </div>
        <SignInForm />
      </main>
    </div>
  );
}

/** Over the page whose token ended: it stays as it is below. */
export function SignInAgain() {
  const t = useMessages(shellMessages);
  const isExpired = useSession((session) => session.isExpired);
  const signOut = useSession((session) => session.signOut);
  return (
    <Dialog
      isFirm
      open={isExpired}
      title={t('again.title')}
      description={t('again.intro')}
      footer={
        <Button variant="ghost" onClick={signOut}>
          {t('again.leave')}
        </Button>
      }
    >
      <SignInForm />
    </Dialog>
  );
}
