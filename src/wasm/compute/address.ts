/** Addresses of the memory that kernels work in: numbers of bytes, but of a type that no other number has. */

declare const kind: unique symbol;

/** Where something begins, in bytes. */
export type Address = number & { readonly [kind]: 'address' };

/** An address, or 0 where there is nothing. */
export type OptionalAddress = Address | 0;

/** Any number but an address. */
export type Amount = number & { readonly [kind]?: 'amount' };

/** The address `bytes` further on. */
export function after(address: Address, bytes: number): Address {
  return (address + bytes) as Address;
}
