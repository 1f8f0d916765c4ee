import { keepPreviousData } from '@tanstack/react-query';

/** Options of a list whose rows never move under the reader: new ones wait behind a button. */
export const stableRows = {
  placeholderData: keepPreviousData,
  staleTime: Infinity,
  refetchOnReconnect: false,
} as const;
