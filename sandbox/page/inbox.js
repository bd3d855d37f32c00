// The inbox keeps itself up to date, shows local times, and copies codes.

const said = document.getElementById('said');
let shown = document.getElementById('mails').innerHTML;
let quiet;

function say(text) {
	said.textContent = text;
	clearTimeout(quiet);
	quiet = setTimeout(() => { said.textContent = ''; }, 2500);
}

function localise() {
	const form = new Intl.DateTimeFormat([], { timeStyle: 'medium' });
	const day = new Intl.DateTimeFormat([], { dateStyle: 'medium' });
	for (const t of document.querySelectorAll('time')) {
		const at = new Date(t.dateTime);
		t.textContent = form.format(at);
		t.title = `${day.format(at)}, ${form.format(at)}`;
	}
}

async function refresh() {
	if (document.hidden)
		return;
	let answer;
	try {
		answer = await fetch(location.href, { cache: 'no-cache' });
		if (!answer.ok)
			throw new Error(answer.status);
	} catch {
		say('The sandbox does not answer.');
		return;
	}
	const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
	const mails = page.getElementById('mails');
	if (!mails || mails.innerHTML === shown)
		return;
	const focus = document.activeElement.closest?.('article')?.id;
	const first = mails.querySelector('article')?.id;
	const news = first && !document.getElementById(first);
	shown = mails.innerHTML;
	document.getElementById('mails').replaceWith(document.adoptNode(mails));
	localise();
	// The keyboard stays where it was.
	if (focus)
		document.getElementById(focus)?.querySelector('button, a')?.focus();
	if (news)
		say(`New mail for ${document.querySelector('article h2').textContent}`);
}

document.addEventListener('click', async (e) => {
	const button = e.target.closest('[data-copy]');
	if (!button)
		return;
	try {
		await navigator.clipboard.writeText(button.dataset.copy);
		say('Copied');
	} catch {
		getSelection().selectAllChildren(button);
		say('Press Ctrl+C to copy');
	}
});

localise();
document.addEventListener('visibilitychange', refresh);
setInterval(refresh, 1500);
