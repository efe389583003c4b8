# cmake -DOUT=FILE -DSOURCES=A;B -P tests/together.cmake: a file that holds several files of tests, for one compilation.
# Each stands in a namespace of its own, so that none need know the others' names; what they include comes before them
# all, where it belongs.
cmake_policy(VERSION 3.25)
set(headers "")
set(bodies "")
foreach(source IN LISTS SOURCES)
  file(STRINGS ${source} included REGEX "^#include ")
  list(APPEND headers ${included})
  get_filename_component(name ${source} NAME_WE)
  string(APPEND bodies "namespace in_${name} {\n#include \"${source}\"\n}\n")
endforeach()
list(REMOVE_DUPLICATES headers)
list(JOIN headers "\n" headers)
file(CONFIGURE OUTPUT ${OUT} CONTENT "@headers@\n@bodies@" @ONLY)
