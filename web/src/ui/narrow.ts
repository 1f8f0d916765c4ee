import { useEffect, useState } from 'react';

/** Whether the window is narrower than 640 px at the usual letter size: such a window folds filters and steps. */
export function useNarrow(): boolean {
  const query = '(max-width: 39.99em)';
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => setNarrow(list.matches);
    list.addEventListener('change', update);
    return () => list.removeEventListener('change', update);
  }, []);
  return narrow;
}
