# Warnings for our own targets only: never PUBLIC, never global, so a program that embeds us is not affected.
function(lgs_rfm_set_warnings target)
  if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # GCC 12 sees overlapping copies in "text" + std::string (its bug 105651), and uninitialised reads behind
      # std::optional (its bug 80635), where there are none.
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized)
    endif()
    if(LGS_RFM_WERROR)
      target_compile_options(${target} PRIVATE -Werror)
    endif()
  endif()
endfunction()

# Appends <prefix>/cmeel.prefix to CMAKE_PREFIX_PATH for every entry that has such a folder.
macro(lgs_rfm_add_cmeel_prefixes)
  foreach(lgs_rfm_prefix IN LISTS CMAKE_PREFIX_PATH)
    if(IS_DIRECTORY "${lgs_rfm_prefix}/cmeel.prefix")
      list(APPEND CMAKE_PREFIX_PATH "${lgs_rfm_prefix}/cmeel.prefix")
    endif()
  endforeach()
endmacro()
