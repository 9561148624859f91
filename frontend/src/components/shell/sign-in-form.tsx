import { Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { baseURL } from '@/api/client';
import { failureOf } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { FailureNote } from '@/components/ui/failure';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { domainMessages, roleName } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { holderOf, useSession } from '@/store/session';
import { shellMessages } from './messages';

/** Takes a token, asks the host whether it does, and signs in. */
export function SignInForm() {
  const t = useMessages(shellMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const [text, setText] = useState('');
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWrong(null);
    setError(null);
    // Copied from a terminal or a text that runs to the left it comes with line ends and marks that nobody sees.
    const token = text
      .replace(/\p{Cf}/gu, '')
      .replace(/^\s*Bearer\s+/i, '')
      .replace(/\s/g, '');
    const holder = holderOf(token);
    if (!holder) return setWrong(t('signIn.malformed'));
    if (holder.expires <= Date.now()) return setWrong(t('signIn.past', { when: format.relative(holder.expires) }));
    setBusy(true);
    try {
      // Not through the client: its answer must not end the session that stands.
      const answer = await fetch(`${baseURL}/overview`, { headers: { Authorization: `Bearer ${token}` } });
      if (answer.ok) return useSession.getState().signIn(token);
      if (answer.status === 401) setWrong(t('signIn.refused'));
      else if (answer.status === 403) setWrong(t('signIn.forbidden', { role: roleName(d, holder.role) }));
      else setError(await answer.json());
    } catch (failure) {
      setError(failureOf(failure).kind === 'broken' ? new Error(t('signIn.refused')) : failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <Field label={t('signIn.token')} hint={t('signIn.hint')} error={wrong}>
        {(control) => (
          <div className="flex gap-2">
            <Input
              {...control}
              dir="ltr"
              type={isShown ? 'text' : 'password'}
              className="font-mono text-table"
              autoComplete="off"
              spellCheck={false}
              autoFocus
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <Button size="icon" aria-label={t('signIn.show')} aria-pressed={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
            </Button>
          </div>
        )}
      </Field>
      {error !== null && <FailureNote error={error} />}
      <Button type="submit" variant="primary" isBusy={isBusy} disabled={text.trim() === ''}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
