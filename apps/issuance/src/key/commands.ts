/** Commands on keys, as they arrive. */
export {};
