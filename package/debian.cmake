# What Debian asks of files beyond where they are: run by cpack on the tree that
# becomes the package.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(doc ${root}/usr/share/doc/labswitch)

file(RENAME ${doc}/LICENSE ${doc}/copyright)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog
"labswitch (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * What has changed is in CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(GLOB pages ${root}/usr/share/man/man*/*)
execute_process(COMMAND gzip -9n ${doc}/changelog ${pages}
	COMMAND_ERROR_IS_FATAL ANY)

# Debian's zsh looks in a directory of packages' own.
file(RENAME ${root}/usr/share/zsh/site-functions
	${root}/usr/share/zsh/vendor-completions)
# Units are where those of Debian's packages are.
file(MAKE_DIRECTORY ${root}/lib)
file(RENAME ${root}/usr/lib/systemd ${root}/lib/systemd)

# With SOURCE_DATE_EPOCH (which the date above is, too) one tree makes one package.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
	execute_process(COMMAND find ${root} -exec
		touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} +
		COMMAND_ERROR_IS_FATAL ANY)
endif()
