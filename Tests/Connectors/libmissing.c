/* Only there while noload.so is linked; never beside it afterwards. */
int libmissing_function(void);

int libmissing_function(void) {
    return 1;
}
