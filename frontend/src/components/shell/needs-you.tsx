import { useQuery } from '@tanstack/react-query';
import { getOverviewOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useFormats } from '@/lib/format';

/** How much waits for somebody, on whichever page one is. */
export default function NeedsYou() {
  const format = useFormats();
  const { data = 0 } = useQuery({
    ...getOverviewOptions(),
    select: ({ needs_you: needs }) => needs.length,
    refetchInterval: 30_000,
  });
  if (data === 0) return null;
  return (
    <span aria-hidden className="ms-auto rounded-full bg-held-soft px-2 text-xs leading-5 font-medium text-held">
      {format.number(data)}
    </span>
  );
}
