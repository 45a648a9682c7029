#pragma once

// Makes allocations fail, those of C++ (operator new) and those of OpenSSL (CRYPTO_set_mem_functions).
namespace failing {

// To be called before OpenSSL allocates anything.
void install();
// From now on the n-th allocation fails, from 1; `and_all_after`: and every later one.
void arm(long n, bool and_all_after);
// Lets all allocations be; returns whether one has failed since arm().
bool disarm();

}   // namespace failing
