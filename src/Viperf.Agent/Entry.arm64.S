// What C# cannot say: the library's constructor and destructor, raw system calls, one tail call, atomic exchanges, a thread's own memory.
// All of it has call frame information, as every unwinder meets it.

        .text

        // nint viperf_syscall(number, a, b, c, d, e, f)
        .globl  viperf_syscall
        .hidden viperf_syscall
        .type   viperf_syscall, %function
viperf_syscall:
        .cfi_startproc
        mov     x8, x0
        mov     x0, x1
        mov     x1, x2
        mov     x2, x3
        mov     x3, x4
        mov     x4, x5
        mov     x5, x6
        svc     #0
        ret
        .cfi_endproc
        .size   viperf_syscall, . - viperf_syscall

        // void* viperf_find_symbol(scope, name): dlsym, where the program has it. Programs without it have no Python.
        .weak   dlsym
        .globl  viperf_find_symbol
        .hidden viperf_find_symbol
        .type   viperf_find_symbol, %function
viperf_find_symbol:
        .cfi_startproc
        adrp    x9, :got:dlsym
        ldr     x9, [x9, :got_lo12:dlsym]
        cbz     x9, 1f
        br      x9
1:      mov     x0, xzr
        ret
        .cfi_endproc
        .size   viperf_find_symbol, . - viperf_find_symbol

        // int viperf_for_each_library(visit, data): dl_iterate_phdr, which every C library has
        .weak   dl_iterate_phdr
        .globl  viperf_for_each_library
        .hidden viperf_for_each_library
        .type   viperf_for_each_library, %function
viperf_for_each_library:
        .cfi_startproc
        adrp    x9, :got:dl_iterate_phdr
        ldr     x9, [x9, :got_lo12:dl_iterate_phdr]
        cbz     x9, 1f
        br      x9
1:      mov     x0, #0
        ret
        .cfi_endproc
        .size   viperf_for_each_library, . - viperf_for_each_library

        // int viperf_exchange(int* place, int value)
        .globl  viperf_exchange
        .hidden viperf_exchange
        .type   viperf_exchange, %function
viperf_exchange:
        .cfi_startproc
1:      ldaxr   w9, [x0]
        stlxr   w10, w1, [x0]
        cbnz    w10, 1b
        dmb     ish
        mov     w0, w9
        ret
        .cfi_endproc
        .size   viperf_exchange, . - viperf_exchange

        // ulong viperf_compare_exchange(ulong* place, ulong value, ulong expected): what was there
        .globl  viperf_compare_exchange
        .hidden viperf_compare_exchange
        .type   viperf_compare_exchange, %function
viperf_compare_exchange:
        .cfi_startproc
1:      ldaxr   x9, [x0]
        cmp     x9, x2
        b.ne    2f
        stlxr   w10, x1, [x0]
        cbnz    w10, 1b
2:      dmb     ish
        mov     x0, x9
        ret
        .cfi_endproc
        .size   viperf_compare_exchange, . - viperf_compare_exchange

        // int execl(path, argument...), execlp, execle: the list's registers and stack, for viperf_exec_list
        .macro exec_list name, kind
        .globl  \name
        .type   \name, %function
\name:
        .cfi_startproc
        stp     x29, x30, [sp, #-80]!
        .cfi_def_cfa_offset 80
        .cfi_offset x29, -80
        .cfi_offset x30, -72
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        stp     x2, x3, [sp, #32]
        stp     x4, x5, [sp, #48]
        stp     x6, x7, [sp, #64]
        add     x0, sp, #16
        add     x1, sp, #80
        mov     w2, #\kind
        bl      viperf_exec_list
        ldp     x29, x30, [sp], #80
        .cfi_def_cfa_offset 0
        .cfi_restore x29
        .cfi_restore x30
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
        .type   viperf_thread_block, %function
viperf_thread_block:
        .cfi_startproc
        adrp    x0, :gottprel:thread_block
        ldr     x0, [x0, :gottprel_lo12:thread_block]
        mrs     x9, tpidr_el0
        add     x0, x0, x9
        ret
        .cfi_endproc
        .size   viperf_thread_block, . - viperf_thread_block

        // nint viperf_thread_block_offset(): its distance from the thread pointer, the same in all threads
        .globl  viperf_thread_block_offset
        .hidden viperf_thread_block_offset
        .type   viperf_thread_block_offset, %function
viperf_thread_block_offset:
        .cfi_startproc
        adrp    x0, :gottprel:thread_block
        ldr     x0, [x0, :gottprel_lo12:thread_block]
        ret
        .cfi_endproc
        .size   viperf_thread_block_offset, . - viperf_thread_block_offset

        // void* viperf_own_init(): this library's PyInit__agent, whatever the name means to the program
        .globl  viperf_own_init
        .hidden viperf_own_init
        .type   viperf_own_init, %function
viperf_own_init:
        .cfi_startproc
        adrp    x0, PyInit__agent
        add     x0, x0, :lo12:PyInit__agent
        ret
        .cfi_endproc
        .size   viperf_own_init, . - viperf_own_init

        // void* viperf_bare_address(): of what stands in for a trampoline, a jump to the fourth argument
        .globl  viperf_bare_address
        .hidden viperf_bare_address
        .type   viperf_bare_address, %function
viperf_bare_address:
        .cfi_startproc
        adr     x0, bare
        ret
        .cfi_endproc
        .size   viperf_bare_address, . - viperf_bare_address

        .type   bare, %function
bare:
        .cfi_startproc
        br      x3
        .cfi_endproc
        .size   bare, . - bare

        // void* viperf_first_call_address()
        .globl  viperf_first_call_address
        .hidden viperf_first_call_address
        .type   viperf_first_call_address, %function
viperf_first_call_address:
        .cfi_startproc
        adrp    x0, viperf_first_call
        add     x0, x0, :lo12:viperf_first_call
        ret
        .cfi_endproc
        .size   viperf_first_call_address, . - viperf_first_call_address

        // void viperf_flush_code(start, end): makes the processors see code that was written.
        .globl  viperf_flush_code
        .hidden viperf_flush_code
        .type   viperf_flush_code, %function
viperf_flush_code:
        .cfi_startproc
        mov     x9, x0
1:      dc      cvau, x9
        add     x9, x9, #16             // the smallest line there is
        cmp     x9, x1
        b.lo    1b
        dsb     ish
2:      ic      ivau, x0
        add     x0, x0, #16
        cmp     x0, x1
        b.lo    2b
        dsb     ish
        isb
        ret
        .cfi_endproc
        .size   viperf_flush_code, . - viperf_flush_code

        // void* viperf_start_thread_address()
        .globl  viperf_start_thread_address
        .hidden viperf_start_thread_address
        .type   viperf_start_thread_address, %function
viperf_start_thread_address:
        .cfi_startproc
        adrp    x0, start_thread
        add     x0, x0, :lo12:start_thread
        ret
        .cfi_endproc
        .size   viperf_start_thread_address, . - viperf_start_thread_address

        // Where a new thread begins. In: what it is to run (NewThreads). Has it told, and jumps there.
        .type   start_thread, %function
start_thread:
        .cfi_startproc
        stp     x29, x30, [sp, #-32]!
        .cfi_def_cfa_offset 32
        .cfi_offset x29, -32
        .cfi_offset x30, -24
        mov     x29, sp
        add     x1, sp, #16
        bl      viperf_begin_thread
        ldp     x9, x0, [sp, #16]
        ldp     x29, x30, [sp], #32
        .cfi_def_cfa_offset 0
        .cfi_restore x29
        .cfi_restore x30
        br      x9
        .cfi_endproc
        .size   start_thread, . - start_thread

        // Where the generated evaluator goes with code that has no trampoline yet. In: the evaluator's own arguments, and
        // its Evaluator* in x9. Looks for the trampoline and jumps to it: no frame of the agent stays on the stack.
        .globl  viperf_first_call
        .hidden viperf_first_call
        .type   viperf_first_call, %function
viperf_first_call:
        .cfi_startproc
        stp     x29, x30, [sp, #-48]!
        .cfi_def_cfa_offset 48
        .cfi_offset x29, -48
        .cfi_offset x30, -40
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        stp     x2, x9, [sp, #32]
        add     x0, sp, #16
        mov     x1, x9
        bl      viperf_find_trampoline
        mov     x10, x0
        ldp     x2, x9, [sp, #32]
        ldr     x3, [x9]                // Evaluator.Previous
        ldp     x0, x1, [sp, #16]
        ldp     x29, x30, [sp], #48
        .cfi_def_cfa_offset 0
        .cfi_restore x29
        .cfi_restore x30
        br      x10
        .cfi_endproc
        .size   viperf_first_call, . - viperf_first_call

        // What compiled code does with a method whose buffer on the stack was overrun.
        .globl  RhpFallbackFailFast
        .hidden RhpFallbackFailFast
        .type   RhpFallbackFailFast, %function
RhpFallbackFailFast:
        .cfi_startproc
        brk     #1
        .cfi_endproc
        .size   RhpFallbackFailFast, . - RhpFallbackFailFast

        // What such methods find changed then. It guards against mistakes, not against attackers, and may be known.
        .section .rodata
        .balign 8
        .globl  __security_cookie
        .hidden __security_cookie
        .type   __security_cookie, %object
__security_cookie:
        .quad   0x2b992ddfa23249d6
        .size   __security_cookie, 8

        .section .tdata, "awT", %progbits
        .balign 8
thread_block:                           // ThreadBlock
        .quad   -1, 0, 0, 0, 0, 0, 0, 0, 0, 0

        .section .init_array, "aw"
        .balign 8
        .quad   viperf_on_load

        .section .fini_array, "aw"
        .balign 8
        .quad   viperf_on_unload

        .section .note.GNU-stack, "", %progbits
