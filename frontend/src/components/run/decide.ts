import { useQueryClient } from '@tanstack/react-query';
import { useOnce } from '@/api/client';
import { getRunQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import type { Run } from '@/api/generated/types.gen';
import { failureOf } from '@/api/problem';
import { toast } from '@/components/ui/toast';
import { defineMessages, useMessages } from '@/i18n/messages';

export const decideMessages = defineMessages(
  'decide',
  { nothingDone: 'Nothing was done' },
  { nothingDone: 'لم يُنفَّذ شيء' },
);

/** By these the host says that nothing is left to decide: somebody has, or the run has ended. */
const decided: readonly string[] = ['run_not_held', 'run_has_ended'];

/**
 * Takes a decision about a run; rejects what it was refused with. One that was made already is told in a toast, because the
 * run as it is now takes the place of whatever asked for it.
 */
export function useDecide({ id }: Pick<Run, 'id'>) {
  const t = useMessages(decideMessages);
  const queries = useQueryClient();
  const once = useOnce();
  /** `name`: the deed and what it is done with; `said`: once it is done. */
  return async (
    name: unknown,
    deed: (headers: ReturnType<typeof once.headersOf>) => Promise<{ data: Run }>,
    said?: string,
  ): Promise<void> => {
    try {
      const { data } = await deed(once.headersOf(name));
      once.forget();
      queries.setQueryData<Run>(getRunQueryKey({ path: { id } }), data);
      if (said) toast.done(said);
    } catch (error) {
      if (!decided.includes(failureOf(error).code)) throw error;
      toast.failed(t('nothingDone'), error);
    } finally {
      // Lists tell of it too; and what is refused was perhaps decided by somebody else.
      void queries.invalidateQueries();
    }
  };
}
