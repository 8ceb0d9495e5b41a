/** Addresses of the memory that kernels work in: numbers of bytes, but of a type that no other number has. */

/** Where something begins, in bytes. */
export type Address = number;

/** An address, or 0 where there is nothing. */
export type OptionalAddress = number;

/** Any number but an address. */
export type Amount = number;

/** No address, where one is still to come. */
export const NONE: Address = 0;

/** The address `bytes` further on. */
export function after(address: Address, bytes: number): Address {
  return address + bytes;
}
