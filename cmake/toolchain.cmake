# How the compiler and the linker are called, whatever is built.

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# What makes an overflow harder to use, in what is shipped. The sanitizers have their own means.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()

# mold, or else lld, links in a second what takes ld several.
find_program(HOLDFAST_MOLD mold)
find_program(HOLDFAST_LLD ld.lld)
if(HOLDFAST_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(HOLDFAST_LLD)
  add_link_options(-fuse-ld=lld)
endif()

# ccache keeps what was compiled, also for another checkout of the project.
find_program(HOLDFAST_CCACHE ccache)
if(HOLDFAST_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${HOLDFAST_CCACHE})
  add_compile_options(-fpch-preprocess)
endif()
