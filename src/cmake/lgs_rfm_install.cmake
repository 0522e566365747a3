include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(lgs_rfm_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/lgs_rfm")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/lgs_rfm" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS lgs_rfm_headers EXPORT lgs_rfm_targets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
if(LGS_RFM_BUILD_LIBRARY)
  install(TARGETS lgs_rfm EXPORT lgs_rfm_targets)
endif()
install(
  EXPORT lgs_rfm_targets
  NAMESPACE lgs_rfm::
  DESTINATION "${lgs_rfm_config_dir}")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/lgs_rfm-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/lgs_rfm-config.cmake" INSTALL_DESTINATION "${lgs_rfm_config_dir}")
# Before 1.0 a minor release may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/lgs_rfm-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/lgs_rfm-config.cmake" "${PROJECT_BINARY_DIR}/lgs_rfm-config-version.cmake"
        DESTINATION "${lgs_rfm_config_dir}")
