import { useEffect, useState } from 'react';

/** Whether the window is narrower than 640 px at the usual letter size: there things fold. */
export function useNarrow(): boolean {
  const query = '(max-width: 39.99em)';
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const heard = () => setNarrow(list.matches);
    list.addEventListener('change', heard);
    return () => list.removeEventListener('change', heard);
  }, []);
  return narrow;
}
