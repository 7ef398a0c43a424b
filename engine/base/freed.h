// Freed: a deleter for std::unique_ptr that frees an object of a C library by the library's
// function.
#pragma once

namespace holdfast {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* made) const {
    Free(made);
  }
};

}  // namespace holdfast
