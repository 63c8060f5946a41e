// What C# cannot say: the library's constructor and destructor, raw system calls, one tail call, atomic exchanges, a thread's own memory.
// All of it has call frame information, as every unwinder meets it.

        .text

        // nint viperf_syscall(number, a, b, c, d, e, f)
        .globl  viperf_syscall
        .hidden viperf_syscall
        .type   viperf_syscall, @function
viperf_syscall:
        .cfi_startproc
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        movq    %rcx, %rdx
        movq    %r8, %r10
        movq    %r9, %r8
        movq    8(%rsp), %r9
        syscall
        ret
        .cfi_endproc
        .size   viperf_syscall, . - viperf_syscall

        // void* viperf_find_symbol(scope, name): dlsym, where the program has it. Programs without it have no Python.
        .weak   dlsym
        .globl  viperf_find_symbol
        .hidden viperf_find_symbol
        .type   viperf_find_symbol, @function
viperf_find_symbol:
        .cfi_startproc
        movq    dlsym@GOTPCREL(%rip), %rax
        testq   %rax, %rax
        je      1f
        jmp     *%rax
1:      ret
        .cfi_endproc
        .size   viperf_find_symbol, . - viperf_find_symbol

        // int viperf_for_each_library(visit, data): dl_iterate_phdr, which every C library has
        .weak   dl_iterate_phdr
        .globl  viperf_for_each_library
        .hidden viperf_for_each_library
        .type   viperf_for_each_library, @function
viperf_for_each_library:
        .cfi_startproc
        movq    dl_iterate_phdr@GOTPCREL(%rip), %rax
        testq   %rax, %rax
        je      1f
        jmp     *%rax
1:      ret
        .cfi_endproc
        .size   viperf_for_each_library, . - viperf_for_each_library

        // int viperf_exchange(int* place, int value)
        .globl  viperf_exchange
        .hidden viperf_exchange
        .type   viperf_exchange, @function
viperf_exchange:
        .cfi_startproc
        movl    %esi, %eax
        xchgl   %eax, (%rdi)
        ret
        .cfi_endproc
        .size   viperf_exchange, . - viperf_exchange

        // ulong viperf_compare_exchange(ulong* place, ulong value, ulong expected): what was there
        .globl  viperf_compare_exchange
        .hidden viperf_compare_exchange
        .type   viperf_compare_exchange, @function
viperf_compare_exchange:
        .cfi_startproc
        movq    %rdx, %rax
        lock cmpxchgq %rsi, (%rdi)
        ret
        .cfi_endproc
        .size   viperf_compare_exchange, . - viperf_compare_exchange

        // int execl(path, argument...), execlp, execle: the list's registers and stack, for viperf_exec_list
        .macro exec_list name, kind
        .globl  \name
        .type   \name, @function
\name:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        subq    $48, %rsp
        movq    %rdi, 0(%rsp)
        movq    %rsi, 8(%rsp)
        movq    %rdx, 16(%rsp)
        movq    %rcx, 24(%rsp)
        movq    %r8, 32(%rsp)
        movq    %r9, 40(%rsp)
        movq    %rsp, %rdi
        leaq    16(%rbp), %rsi
        movl    $\kind, %edx
        call    viperf_exec_list
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret
        .cfi_endproc
        .size   \name, . - \name
        .endm
        exec_list execl, 0
        exec_list execlp, 1
        exec_list execle, 2

        // ThreadBlock* viperf_thread_block()
        .globl  viperf_thread_block
        .hidden viperf_thread_block
        .type   viperf_thread_block, @function
viperf_thread_block:
        .cfi_startproc
        movq    thread_block@gottpoff(%rip), %rax
        addq    %fs:0, %rax
        ret
        .cfi_endproc
        .size   viperf_thread_block, . - viperf_thread_block

        // nint viperf_thread_block_offset(): its distance from the thread pointer, the same in all threads
        .globl  viperf_thread_block_offset
        .hidden viperf_thread_block_offset
        .type   viperf_thread_block_offset, @function
viperf_thread_block_offset:
        .cfi_startproc
        movq    thread_block@gottpoff(%rip), %rax
        ret
        .cfi_endproc
        .size   viperf_thread_block_offset, . - viperf_thread_block_offset

        // void* viperf_own_init(): this library's PyInit__agent, whatever the name means to the program
        .globl  viperf_own_init
        .hidden viperf_own_init
        .type   viperf_own_init, @function
viperf_own_init:
        .cfi_startproc
        leaq    PyInit__agent(%rip), %rax
        ret
        .cfi_endproc
        .size   viperf_own_init, . - viperf_own_init

        // void* viperf_bare_address(): of what stands in for a trampoline, a jump to the fourth argument
        .globl  viperf_bare_address
        .hidden viperf_bare_address
        .type   viperf_bare_address, @function
viperf_bare_address:
        .cfi_startproc
        leaq    bare(%rip), %rax
        ret
        .cfi_endproc
        .size   viperf_bare_address, . - viperf_bare_address

        .type   bare, @function
bare:
        .cfi_startproc
        jmp     *%rcx
        .cfi_endproc
        .size   bare, . - bare

        // void* viperf_first_call_address()
        .globl  viperf_first_call_address
        .hidden viperf_first_call_address
        .type   viperf_first_call_address, @function
viperf_first_call_address:
        .cfi_startproc
        leaq    viperf_first_call(%rip), %rax
        ret
        .cfi_endproc
        .size   viperf_first_call_address, . - viperf_first_call_address

        // void* viperf_start_thread_address()
        .globl  viperf_start_thread_address
        .hidden viperf_start_thread_address
        .type   viperf_start_thread_address, @function
viperf_start_thread_address:
        .cfi_startproc
        leaq    start_thread(%rip), %rax
        ret
        .cfi_endproc
        .size   viperf_start_thread_address, . - viperf_start_thread_address

        // Where a new thread begins. In: what it is to run (NewThreads). Has it told, and jumps there.
        .type   start_thread, @function
start_thread:
        .cfi_startproc
        subq    $24, %rsp
        .cfi_adjust_cfa_offset 24
        movq    %rsp, %rsi
        call    viperf_begin_thread
        movq    0(%rsp), %rax
        movq    8(%rsp), %rdi
        addq    $24, %rsp
        .cfi_adjust_cfa_offset -24
        jmp     *%rax
        .cfi_endproc
        .size   start_thread, . - start_thread

        // Where the generated evaluator goes with code that has no trampoline yet. In: the evaluator's own arguments, and
        // its Evaluator* in rax. Looks for the trampoline and jumps to it: no frame of the agent stays on the stack.
        .globl  viperf_first_call
        .hidden viperf_first_call
        .type   viperf_first_call, @function
viperf_first_call:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        subq    $32, %rsp
        movq    %rdi, 0(%rsp)
        movq    %rsi, 8(%rsp)
        movq    %rdx, 16(%rsp)
        movq    %rax, 24(%rsp)
        movq    %rsp, %rdi
        movq    %rax, %rsi
        call    viperf_find_trampoline
        movq    24(%rsp), %rcx
        movq    (%rcx), %rcx            // Evaluator.Previous
        movq    16(%rsp), %rdx
        movq    8(%rsp), %rsi
        movq    0(%rsp), %rdi
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        jmp     *%rax
        .cfi_endproc
        .size   viperf_first_call, . - viperf_first_call

        // What compiled code does with a method whose buffer on the stack was overrun.
        .globl  RhpFallbackFailFast
        .hidden RhpFallbackFailFast
        .type   RhpFallbackFailFast, @function
RhpFallbackFailFast:
        .cfi_startproc
        ud2
        .cfi_endproc
        .size   RhpFallbackFailFast, . - RhpFallbackFailFast

        // What such methods find changed then. It guards against mistakes, not against attackers, and may be known.
        .section .rodata
        .balign 8
        .globl  __security_cookie
        .hidden __security_cookie
        .type   __security_cookie, @object
__security_cookie:
        .quad   0x2b992ddfa23249d6
        .size   __security_cookie, 8

        .section .tdata, "awT", @progbits
        .balign 8
thread_block:                           // ThreadBlock
        .quad   -1, 0, 0, 0, 0, 0, 0, 0, 0, 0

        .section .init_array, "aw"
        .balign 8
        .quad   viperf_on_load

        .section .fini_array, "aw"
        .balign 8
        .quad   viperf_on_unload

        .section .note.GNU-stack, "", @progbits
