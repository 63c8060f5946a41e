using Viperf.Agent.CPython;
using Viperf.Agent.Linux;
using Viperf.Agent.Output;
using Viperf.Agent.Trampolines;

namespace Viperf.Agent;

/// <summary>Why there are no trampolines: one line each, with what to do about it.</summary>
internal static unsafe class Problem
{
    public const int MostBytes = 320;

    private const int EPERM = -1;
    private const int ENOMEM = -12;

    /// <summary>Adds the reason why a backend's file cannot be written.</summary>
    public static void DescribeFile(ref TextBuffer text, int error, Backend backend)
    {
        bool isDump = backend == Backend.JitDump;
        text.Add(isDump ? "/tmp/jit-"u8 : "/tmp/perf-"u8);
        text.AddDecimal((ulong)ForkGuard.ProcessId);
        text.Add(isDump ? ".dump "u8 : ".map "u8);
        switch (error)
        {
            case OwnFile.NotOwn:
                text.Add("is another user's, a link or no plain file: remove it"u8);
                break;
            case Syscall.ENOSPC:
                text.Add("cannot be written: no space left on the device"u8);
                break;
            case Syscall.EACCES or Syscall.EROFS or Syscall.ENOENT:
                text.Add("cannot be made: /tmp must be there, and writable"u8);
                break;
            case EPERM when isDump:
                text.Add("cannot be mapped: /tmp must not be mounted noexec"u8);
                break;
            default:
                text.Add("cannot be written: error "u8);
                text.AddDecimal((ulong)-error);
                break;
        }
    }

    /// <summary>Notes that functions have no names, and why: of the first one that has none.</summary>
    public static void NoteUnnamed(int error, Backend backend)
    {
        byte* place = stackalloc byte[MostBytes];
        TextBuffer text = new(place, MostBytes);
        if (error is ENOMEM or Syscall.EACCES or EPERM)
        {
            text.Add("no memory to be executed (error "u8);
            text.AddDecimal((ulong)-error);
            text.Add((byte)')');
        }
        else
        {
            DescribeFile(ref text, error, backend);
        }

        text.Add(": Python functions are missing from then on"u8);
        Notes.Add(text);
    }

    /// <summary>Adds the version that CPython says it is.</summary>
    public static void AddVersion(ref TextBuffer text)
    {
        byte* version = PythonApi.GetVersion();
        for (int i = 0; version[i] is not 0 and not (byte)' '; i++)
        {
            text.Add(version[i]);
        }
    }
}
